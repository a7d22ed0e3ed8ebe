// Which code stands for a primitive that no loop nest expresses, from its attributes and the shapes of its operands.

import { CompileError, elements } from "@wengert/tensor";
import type { KernelCode } from "./kernel-code.ts";
import type { Buffer, KernelProgram, SpecialKernel } from "./kernel.ts";
import { writeArgReduce } from "./special/arg-reduce.ts";
import { writeCumulativeSum, type MiddleAxis } from "./special/cumulative-sum.ts";
import { writeGather, type IndexedRows } from "./special/gather.ts";
import { writeScatterAdd } from "./special/scatter-add.ts";
import { writeThreefry } from "./special/threefry.ts";

/** What a special kernel is, before it is written. */
export interface SpecialCode {
  /** Equal for kernels that may share their code. */
  readonly descriptor: unknown;
  readonly write: () => KernelCode;
  /** Whether the entry takes the address of a failure block and the kernel's number. */
  readonly mayFail: boolean;
}

/** The operands of a special kernel, and its attribute `axis`. */
interface Operands {
  readonly inputs: readonly Buffer[];
  readonly output: Buffer;
  readonly axis: number;
}

/** The code of a special kernel. */
export function lowerSpecial(program: KernelProgram, kernel: SpecialKernel): SpecialCode {
  const operands: Operands = {
    inputs: kernel.inputs.map((buffer, i) => ({ ...program.buffers[buffer]!, shape: kernel.shapes[i]! })),
    output: program.buffers[kernel.output]!,
    axis: kernel.attributes["axis"] as number,
  };
  switch (kernel.primitive) {
    case "gather": {
      const rows = indexedRows(operands, operands.inputs[0]!);
      return { descriptor: rows, write: () => writeGather(rows), mayFail: true };
    }
    case "scatterAdd": {
      const rows = indexedRows(operands, operands.output);
      return {
        descriptor: rows,
        write: () => writeScatterAdd({ ...rows, dtype: rows.dtype as Exclude<typeof rows.dtype, "bool"> }),
        mayFail: true,
      };
    }
    case "cumulativeSum": {
      const axis = middleAxis(operands);
      return { descriptor: axis, write: () => writeCumulativeSum(axis), mayFail: false };
    }
    case "argMax":
    case "argMin": {
      const reduction = { primitive: kernel.primitive, ...middleAxis(operands) } as const;
      return { descriptor: reduction, write: () => writeArgReduce(reduction, kernel.name), mayFail: false };
    }
    case "threefry2x32": {
      const count = elements(operands.output.shape) / 2;
      return { descriptor: count, write: () => writeThreefry({ count }), mayFail: false };
    }
    default:
      throw new CompileError(
        `compile: every primitive must have a lowering, got none for ${kernel.primitive}`,
      );
  }
}

/** The first operand around the axis. */
function middleAxis({ inputs, axis }: Operands): MiddleAxis {
  const { shape, dtype } = inputs[0]!;
  return {
    dtype: dtype as MiddleAxis["dtype"],
    outer: elements(shape.slice(0, axis)),
    size: shape[axis]!,
    inner: elements(shape.slice(axis + 1)),
  };
}

/** Sizes of a gather or a scatter whose table, with the indexed axis, is the given buffer. */
function indexedRows({ inputs, axis }: Operands, table: Buffer): IndexedRows {
  const [, indices] = inputs as [Buffer, Buffer];
  return {
    dtype: table.dtype,
    outer: elements(table.shape.slice(0, axis)),
    size: table.shape[axis]!,
    inner: elements(table.shape.slice(axis + 1)),
    count: elements(indices.shape),
    indexType: indices.dtype as "i32" | "u32",
  };
}
