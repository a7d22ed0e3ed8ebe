/**
 * Graphs to kernels to WebAssembly: fusion, memory plan, lowerings and the assembler, all pure.
 *
 * @packageDocumentation
 */

// Compiling
export { compile, stepNames } from "./compile.ts";
export type { CompileOptions, StepName, StepReport } from "./compile-options.ts";
export type { CompiledProgram, Slot } from "./compiled-program.ts";
export type { IndexUse } from "./index-uses.ts";
export { readFailure } from "./special/failure.ts";
export type { Failure } from "./special/failure.ts";
export { loopDimensions } from "./loop-dimensions.ts";
export type { LoopBound } from "./loop-dimensions.ts";
export { mostThreads } from "./limits.ts";
export { lowerable } from "./lowerable.ts";
export type { Lowering, LowerablePrimitive } from "./lowerable.ts";
export type { Features } from "./wasm/code.ts";

// Kernels
export type {
  Access,
  Buffer,
  BufferId,
  BufferRole,
  FillKernel,
  Kernel,
  KernelProgram,
  LoopKernel,
  ProductKernel,
  ReducePrimitive,
  SpecialKernel,
  Step,
  StepId,
  Store,
} from "./kernel.ts";
export { writesOf } from "./kernel.ts";
export type { MatrixProduct, ProductType } from "./matrix/product.ts";
export { checkKernels } from "./check-kernels.ts";
export { printKernels } from "./print-kernels.ts";

export { costOf } from "./cost.ts";
export type { KernelCost } from "./cost.ts";
export { flopPerTurn, roofModule } from "./roof.ts";

// Memory
export { checkPlan } from "./check-plan.ts";
export { printPlan } from "./print-plan.ts";
export type { Placement, Plan } from "./plan.ts";
