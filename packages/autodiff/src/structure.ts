// What derivatives are taken with respect to: a tensor, a list or a record, taken apart and put together again.

import { DerivativeError, isTensor, type Structure, type Tensor } from "@wengert/tensor";

/**
 * The tensors of a structure in order, and the way back.
 * @throws DerivativeError when it holds something else.
 */
export function flatten(
  stage: string,
  structure: Structure,
): {
  readonly tensors: readonly Tensor[];
  readonly rebuild: (tensors: readonly Tensor[]) => Structure;
} {
  requireTensors(stage, structure);
  if (isTensor(structure)) return { tensors: [structure], rebuild: ([tensor]) => tensor as Tensor };
  if (Array.isArray(structure)) {
    const list = structure as readonly Tensor[];
    return { tensors: list, rebuild: (tensors) => Object.freeze([...tensors]) };
  }
  const entries = Object.entries(structure);
  return {
    tensors: entries.map(([, tensor]) => tensor),
    rebuild: (tensors) =>
      Object.freeze(Object.fromEntries(entries.map(([name], i) => [name, tensors[i] as Tensor]))),
  };
}

function requireTensors(stage: string, structure: unknown): void {
  const rule = "takes a tensor, a list or a record of tensors";
  if (typeof structure !== "object" || structure === null) {
    throw new DerivativeError(`${stage}: ${rule}, got ${structure === null ? "null" : typeof structure}`);
  }
  if (isTensor(structure)) return;
  for (const [name, part] of Object.entries(structure)) {
    if (isTensor(part)) continue;
    const got = Array.isArray(part) ? "a list" : part === null ? "null" : typeof part;
    throw new DerivativeError(`${stage}: ${rule}, got ${got} at ${name}`);
  }
}

/**
 * The tensors of a structure in the order of another one's.
 * @throws DerivativeError when they have not the same parts.
 */
export function tensorsLike(stage: string, structure: Structure, like: Structure): readonly Tensor[] {
  const { tensors } = flatten(stage, structure);
  const [names, wanted] = [namesOf(structure), namesOf(like)];
  if (names.length !== wanted.length || wanted.some((name) => !names.includes(name))) {
    const got = `${names.join(", ") || "none"} for ${wanted.join(", ") || "none"}`;
    throw new DerivativeError(`${stage}: a direction has the parts of the point, got ${got}`);
  }
  return wanted.map((name) => tensors[names.indexOf(name)] as Tensor);
}

function namesOf(structure: Structure): readonly string[] {
  return isTensor(structure) ? ["the tensor"] : Object.keys(structure);
}
