// The Kernel representation: what is between a graph and WebAssembly. A plain immutable value:
// buffers, and kernels in the order in which they run. Shapes are numbers; nothing here knows addresses.

import type { Attributes, DType, NdArray } from "@wengert/tensor";
import type { MatrixProduct } from "./matrix/product.ts";

/** The position of a buffer in a program's list. */
export type BufferId = number;

/** Why a buffer exists, which decides how long it lives. */
export type BufferRole = "input" | "parameter" | "constant" | "temporary" | "output";

/** A dense array in memory, in C order. */
export interface Buffer {
  readonly name: string;
  readonly role: BufferRole;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** What a constant holds. */
  readonly value?: NdArray;
}

/** Which element of a buffer a point of a kernel's domain means: `offset + Σ strides[d] * point[d]`, in elements. */
export interface Access {
  readonly buffer: BufferId;
  readonly offset: number;
  /** One a dimension of the domain; 0 repeats, negative runs backwards. */
  readonly strides: readonly number[];
}

/** The position of a step in its kernel. */
export type StepId = number;

/** One scalar value at every point of the domain. Steps refer to earlier ones. */
export type Step =
  | { readonly kind: "load"; readonly dtype: DType; readonly access: Access }
  | { readonly kind: "constant"; readonly dtype: DType; readonly value: number }
  /** `offset + Σ strides[d] * point[d]`, in the given dtype. */
  | {
      readonly kind: "index";
      readonly dtype: DType;
      readonly offset: number;
      readonly strides: readonly number[];
    }
  /** An elementwise primitive of earlier steps. */
  | {
      readonly kind: "apply";
      readonly dtype: DType;
      readonly primitive: string;
      readonly operands: readonly StepId[];
    }
  /** A fold of a step over all reduced dimensions. */
  | {
      readonly kind: "reduce";
      readonly dtype: DType;
      readonly primitive: ReducePrimitive;
      readonly operand: StepId;
    };

/** The folds that loops do. */
export type ReducePrimitive = "sum" | "prod" | "max" | "min" | "any" | "all";

/** A value that is written. */
export interface Store {
  readonly step: StepId;
  readonly access: Access;
}

/**
 * A loop nest over `sizes`. Dimensions that are `reduced` run inside of those that are not. A reduction's value is
 * known after the reduced dimensions have run once; steps over them that need it run in a further pass.
 */
export interface LoopKernel {
  readonly kind: "loop";
  readonly name: string;
  readonly sizes: readonly number[];
  readonly reduced: readonly boolean[];
  readonly steps: readonly Step[];
  readonly stores: readonly Store[];
  /** Which number of the program, known when it runs, says how many turns the first dimension has: at most its size. */
  readonly bound?: number;
}

/** A product of matrices; element [0, 0, 0] of an operand is at its offset. */
export interface ProductKernel {
  readonly kind: "product";
  readonly name: string;
  readonly product: MatrixProduct;
  readonly left: { readonly buffer: BufferId; readonly offset: number };
  readonly right: { readonly buffer: BufferId; readonly offset: number };
  readonly output: BufferId;
}

/** A primitive that no loop nest expresses, over dense operands. */
export interface SpecialKernel {
  readonly kind: "special";
  readonly name: string;
  readonly primitive: string;
  readonly attributes: Attributes;
  readonly inputs: readonly BufferId[];
  /** The shapes of the inputs, which may differ from those of the buffers: a reshaped value has the same elements. */
  readonly shapes: readonly (readonly number[])[];
  readonly output: BufferId;
}

/** Bytes of one value that a buffer is filled with before parts of it are written: always zero. */
export interface FillKernel {
  readonly kind: "fill";
  readonly name: string;
  readonly output: BufferId;
}

/** One unit of work between two points at which all threads meet. */
export type Kernel = LoopKernel | ProductKernel | SpecialKernel | FillKernel;

/** A graph with every size known, as kernels in order. */
export interface KernelProgram {
  readonly buffers: readonly Buffer[];
  readonly kernels: readonly Kernel[];
  /** Buffers by the names of inputs and parameters. */
  readonly feeds: Readonly<Record<string, BufferId>>;
  readonly outputs: Readonly<Record<string, BufferId>>;
  /** The buffer of a parameter's next value; the same as its feed where it is updated in place. */
  readonly updates: Readonly<Record<string, BufferId>>;
}

/** The buffers that a kernel reads. */
export function readsOf(kernel: Kernel): readonly BufferId[] {
  switch (kernel.kind) {
    case "loop":
      return kernel.steps.flatMap((step) => (step.kind === "load" ? [step.access.buffer] : []));
    case "product":
      return [kernel.left.buffer, kernel.right.buffer];
    case "special":
      return kernel.inputs;
    case "fill":
      return [];
  }
}

/** The buffers that a kernel writes. */
export function writesOf(kernel: Kernel): readonly BufferId[] {
  return kernel.kind === "loop" ? kernel.stores.map(({ access }) => access.buffer) : [kernel.output];
}
