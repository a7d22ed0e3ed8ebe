// Every invariant of a well-formed kernel program, a row each. Problems are sentences, so that a broken step of the
// compiler says what it broke, before anything runs.

import { elements, primitives, type PrimitiveName } from "@wengert/tensor";
import { arithmetic } from "./loops/arithmetic.ts";
import {
  readsOf,
  writesOf,
  type Access,
  type BufferId,
  type Kernel,
  type KernelProgram,
  type LoopKernel,
} from "./kernel.ts";

/** What a kernel must be; gives what is wrong with it. */
type Invariant<K extends Kernel = Kernel> = (program: KernelProgram, kernel: K) => readonly string[];

const loopInvariants: readonly Invariant<LoopKernel>[] = [
  // One flag and one stride a dimension.
  (_, { sizes, reduced, steps, stores }) => {
    const ranks = [reduced.length, ...accessesOf({ steps, stores }).map(({ strides }) => strides.length)];
    const wrong = ranks.find((rank) => rank !== sizes.length);
    return wrong === undefined ? [] : [`${sizes.length} sizes need as many flags and strides, got ${wrong}`];
  },
  // Turns whose number is known late are a prefix: of a dimension that is there, and that nothing folds.
  (_, { bound, reduced }) =>
    bound === undefined || reduced[0] === false
      ? []
      : ["the first dimension has a bound and is folded or missing"],
  // Steps refer to earlier ones.
  (_, { steps }) =>
    steps.flatMap((step, id) => {
      const operands = step.kind === "apply" ? step.operands : step.kind === "reduce" ? [step.operand] : [];
      return operands
        .filter((operand) => operand < 0 || operand >= id)
        .map((operand) => `s${id} refers to s${operand}`);
    }),
  // Elementwise primitives, with as many operands as they have.
  (_, { steps }) =>
    steps.flatMap((step, id) => {
      if (step.kind !== "apply") return [];
      if (!Object.hasOwn(arithmetic, step.primitive))
        return [`s${id} applies ${step.primitive}, which is not elementwise`];
      const wanted = primitives[step.primitive as PrimitiveName].operands.length;
      const got = step.operands.length;
      return got === wanted ? [] : [`s${id} has ${got} operands, ${step.primitive} has ${wanted}`];
    }),
  // Loads and stores have the dtype of their buffer.
  ({ buffers }, { steps, stores }) => [
    ...steps.flatMap((step, id) =>
      step.kind === "load" && step.dtype !== buffers[step.access.buffer]?.dtype
        ? [`s${id} has not its buffer's dtype`]
        : [],
    ),
    ...stores.flatMap(({ step, access }) =>
      steps[step]?.dtype === buffers[access.buffer]?.dtype
        ? []
        : [`the store of s${step} has not its buffer's dtype`],
    ),
  ],
  // No access leaves its buffer.
  (program, { sizes, steps, stores }) =>
    sizes.includes(0)
      ? []
      : accessesOf({ steps, stores }).flatMap((access) =>
          outside(program, access.buffer, rangeOf(access, sizes)),
        ),
  // No two points write one element, lest the order of threads matter.
  (_, { sizes, stores, reduced }) =>
    stores.flatMap(({ step, access }) => {
      if (sizes.includes(0)) return [];
      const repeats = sizes.some((size, d) => size > 1 && access.strides[d] === 0 && reduced[d] !== true);
      return repeats ? [`the store of s${step} writes one element at several points`] : [];
    }),
];

function accessesOf({ steps, stores }: Pick<LoopKernel, "steps" | "stores">): readonly Access[] {
  return [
    ...steps.flatMap((step) => (step.kind === "load" ? [step.access] : [])),
    ...stores.map(({ access }) => access),
  ];
}

interface Range {
  readonly least: number;
  readonly most: number;
}

function rangeOf({ offset, strides }: Pick<Access, "offset" | "strides">, sizes: readonly number[]): Range {
  let [least, most] = [offset, offset];
  for (const [d, size] of sizes.entries()) {
    const reach = strides[d]! * (size - 1);
    if (reach < 0) least += reach;
    else most += reach;
  }
  return { least, most };
}

function outside({ buffers }: KernelProgram, buffer: BufferId, { least, most }: Range): readonly string[] {
  const { name, shape } = buffers[buffer]!;
  const count = elements(shape);
  if (least >= 0 && most < count) return [];
  return [`elements ${least} to ${most} of ${name} are accessed, which has ${count}`];
}

const productInvariant: Invariant<Kernel & { readonly kind: "product" }> = (program, kernel) => {
  const { product, left, right, output } = kernel;
  const { batch, rows, columns, depth, dtype } = product;
  const dtypes = [left.buffer, right.buffer, output].map((buffer) => program.buffers[buffer]!.dtype);
  const wrong = dtypes.some((each) => each !== dtype)
    ? [`operands of ${dtype} have dtypes ${dtypes.join(", ")}`]
    : [];
  const count = elements(program.buffers[output]!.shape);
  if (count !== batch * rows * columns)
    wrong.push(`the result has ${count} elements for ${batch} x ${rows} x ${columns}`);
  if (batch * rows * columns * depth === 0) return wrong;
  const leftRange = rangeOf(
    { offset: left.offset, strides: [product.left.batch, product.left.row, product.left.depth] },
    [batch, rows, depth],
  );
  const rightRange = rangeOf(
    { offset: right.offset, strides: [product.right.batch, product.right.depth, product.right.column] },
    [batch, depth, columns],
  );
  return [
    ...wrong,
    ...outside(program, left.buffer, leftRange),
    ...outside(program, right.buffer, rightRange),
  ];
};

/** Temporaries are written before they are read; constants and inputs are never written. */
function checkOrder({ buffers, kernels, outputs }: KernelProgram): readonly string[] {
  const written = new Set<BufferId>();
  const known = (buffer: BufferId): boolean =>
    written.has(buffer) || ["input", "parameter", "constant"].includes(buffers[buffer]!.role);
  const problems: string[] = [];
  for (const kernel of kernels) {
    for (const buffer of readsOf(kernel))
      if (!known(buffer))
        problems.push(`${kernel.name}: reads ${buffers[buffer]!.name} before it is written`);
    for (const buffer of writesOf(kernel)) {
      if (["input", "constant"].includes(buffers[buffer]!.role))
        problems.push(`${kernel.name}: writes the ${buffers[buffer]!.role} ${buffers[buffer]!.name}`);
      written.add(buffer);
    }
  }
  for (const [name, buffer] of Object.entries(outputs))
    if (!known(buffer)) problems.push(`output ${name} is never written`);
  return problems;
}

/** What is wrong with a kernel program, in sentences that begin with the kernel's name; empty when it is well formed. */
export function checkKernels(program: KernelProgram): readonly string[] {
  const bad = program.kernels.flatMap((kernel) => [...readsOf(kernel), ...writesOf(kernel)]);
  const unknown = bad.find((buffer) => program.buffers[buffer] === undefined);
  if (unknown !== undefined) return [`there is no buffer ${unknown}`];
  const problems = program.kernels.flatMap((kernel) => {
    const found =
      kernel.kind === "loop"
        ? loopInvariants.flatMap((invariant) => invariant(program, kernel))
        : kernel.kind === "product"
          ? productInvariant(program, kernel)
          : [];
    return found.map((problem) => `${kernel.name}: ${problem}`);
  });
  return [...problems, ...checkOrder(program)];
}
