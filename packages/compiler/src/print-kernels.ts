// Kernels as text, one line a step: what is loaded, computed, folded and stored, over which sizes.

import type { Access, Kernel, KernelProgram, LoopKernel, Step } from "./kernel.ts";

/** A program's kernels as text. */
export function printKernels(program: KernelProgram): string {
  const lines = program.kernels.map((kernel, number) => `${number} ${printKernel(program, kernel)}`);
  const results = (kind: string, record: Readonly<Record<string, number>>): string[] =>
    Object.entries(record).map(([name, buffer]) => `${kind} ${name} ${nameOf(program, buffer)}`);
  return [...lines, ...results("output", program.outputs), ...results("update", program.updates), ""].join(
    "\n",
  );
}

function nameOf({ buffers }: KernelProgram, buffer: number): string {
  return buffers[buffer]!.name;
}

function printKernel(program: KernelProgram, kernel: Kernel): string {
  switch (kernel.kind) {
    case "loop":
      return printLoop(program, kernel);
    case "product":
      return printProduct(program, kernel);
    case "special": {
      const inputs = kernel.inputs.map((buffer) => nameOf(program, buffer)).join(", ");
      return `${kernel.primitive} ${kernel.name}\n  ${nameOf(program, kernel.output)} = ${kernel.primitive}(${inputs})`;
    }
    case "fill":
      return `fill ${kernel.name}\n  ${nameOf(program, kernel.output)} = 0`;
  }
}

function printProduct(program: KernelProgram, kernel: Kernel & { readonly kind: "product" }): string {
  const { product, left, right, output } = kernel;
  const { batch, rows, depth, columns, dtype } = product;
  const operand = (
    { buffer, offset }: { buffer: number; offset: number },
    strides: readonly number[],
  ): string => `${nameOf(program, buffer)}[${offset === 0 ? "" : `${offset} `}${strides.join(" ")}]`;
  const a = operand(left, [product.left.batch, product.left.row, product.left.depth]);
  const b = operand(right, [product.right.batch, product.right.depth, product.right.column]);
  return `product ${kernel.name} ${dtype} ${batch} x ${rows} x ${depth} x ${columns}\n  ${nameOf(program, output)} = ${a} ${b}`;
}

function printLoop(
  program: KernelProgram,
  { name, sizes, reduced, steps, stores, bound }: LoopKernel,
): string {
  const most = bound === undefined ? "" : "≤ ";
  const domain = most + sizes.map((size, i) => (reduced[i] ? `(${size})` : String(size))).join(" x ");
  const access = ({ buffer, offset, strides }: Access): string =>
    `${nameOf(program, buffer)}[${offset === 0 ? "" : `${offset} `}${strides.join(" ")}]`;
  const lines = steps.map((step, id) => `  s${id} = ${step.dtype} ${printStep(step, access)}`);
  const stored = stores.map((store) => `  ${access(store.access)} = s${store.step}`);
  return [`loop ${name} over ${domain === "" ? "1" : domain}`, ...lines, ...stored].join("\n");
}

function printStep(step: Step, access: (access: Access) => string): string {
  switch (step.kind) {
    case "load":
      return access(step.access);
    case "constant":
      return String(Object.is(step.value, -0) ? "-0" : step.value);
    case "index":
      return `index ${step.offset} [${step.strides.join(" ")}]`;
    case "apply":
      return `${step.primitive}(${step.operands.map((id) => `s${id}`).join(", ")})`;
    case "reduce":
      return `${step.primitive} over s${step.operand}`;
  }
}
