// The arguments that a function is differentiated by: twins of the primals, equal to them in all but identity, so
// that what the function closes over is not taken for its argument (Siskind and Pearlmutter 2005 call that
// perturbation confusion). In the results the primals take their places again.

import { named, topological, type Tensor } from "@wengert/tensor";

/** Arguments, and the way back to the primals that they stand for. */
export interface Twins<P extends readonly Tensor[]> {
  readonly twins: P;
  /** The tensors with the primals in place of their twins. */
  readonly restore: (tensors: readonly Tensor[]) => readonly Tensor[];
}

/** A twin for each primal, also where two primals are one node. */
export function twinsOf<P extends readonly Tensor[]>(primals: P): Twins<P> {
  const twins = primals.map((x) => Object.freeze({ ...x, inputs: Object.freeze([...x.inputs]) }));
  const primalOf = new Map(twins.map(({ inputs }, i) => [inputs, primals[i]!]));
  // One twin a primal, of its type.
  return { twins: twins as readonly Tensor[] as P, restore: (tensors) => replaced(tensors, primalOf) };
}

/** The tensors, with every node that has one of the lists of inputs replaced; names are kept. */
function replaced(
  tensors: readonly Tensor[],
  primalOf: ReadonlyMap<readonly Tensor[], Tensor>,
): readonly Tensor[] {
  const changed = new Map<Tensor, Tensor>();
  for (const node of topological(tensors)) {
    const primal = primalOf.get(node.inputs);
    if (primal !== undefined) {
      const renamed = node.name !== undefined && node.name !== primal.name;
      changed.set(node, renamed ? named(node.name, primal) : primal);
    } else if (node.inputs.some((input) => changed.has(input))) {
      const inputs = Object.freeze(node.inputs.map((input) => changed.get(input) ?? input));
      changed.set(node, Object.freeze({ ...node, inputs }));
    }
  }
  return tensors.map((tensor) => changed.get(tensor) ?? tensor);
}
