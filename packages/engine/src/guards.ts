// Bytes around every buffer that no kernel may touch: filled when a program takes its turn, looked at after each step.
// As floats they are NaN, so that a stray read shows in the results, too.

import { writesOf, type CompiledProgram } from "@wengert/compiler";
import { CompileError } from "@wengert/tensor";

/** A run of bytes beside a buffer. */
interface Guard {
  readonly buffer: number;
  readonly side: "before" | "after";
  readonly address: number;
  readonly bytes: number;
}

/** What the bytes are, by their address modulo 4: 0x7ffea5c3 as a word, which is NaN as f32 and twice as f64. */
const pattern = [0xc3, 0xa5, 0xfe, 0x7f] as const;

/** The bytes beside each buffer that has a place; those after it reach to the next multiple of the guard, and on. */
function guardsOf({ plan }: CompiledProgram): readonly Guard[] {
  const { guard } = plan;
  return plan.placements.flatMap((placement): readonly Guard[] => {
    if (placement === undefined) return [];
    const { buffer, address, bytes } = placement;
    const end = address + bytes;
    const rest = Math.ceil(end / guard) * guard - end;
    return [
      { buffer, side: "before", address: address - guard, bytes: guard },
      { buffer, side: "after", address: end, bytes: rest + guard },
    ];
  });
}

/** Fills the bytes beside all buffers of a program that was compiled with a guard. */
export function fillGuards(memory: WebAssembly.Memory, program: CompiledProgram): void {
  const bytes = new Uint8Array(memory.buffer);
  for (const { address, bytes: length } of guardsOf(program))
    for (let at = address; at < address + length; at++) bytes[at] = pattern[at % 4]!;
}

/** The error of a kernel that has written outside of its buffers: when one of the bytes beside them has changed. */
export function findStrayWrite(
  memory: WebAssembly.Memory,
  program: CompiledProgram,
): CompileError | undefined {
  const bytes = new Uint8Array(memory.buffer);
  for (const guard of guardsOf(program))
    for (let at = guard.address; at < guard.address + guard.bytes; at++)
      if (bytes[at] !== pattern[at % 4]) return strayWrite(program, guard, at);
  return undefined;
}

function strayWrite(
  program: CompiledProgram,
  { buffer, side, address, bytes }: Guard,
  at: number,
): CompileError {
  const { buffers } = program.kernels;
  const { name, dtype, shape } = buffers[buffer]!;
  const far = side === "before" ? address + bytes - at : at - address + 1;
  const writers = program.kernels.kernels.filter((kernel) => writesOf(kernel).includes(buffer));
  return new CompileError(`bug: a kernel wrote ${far} bytes ${side} the buffer ${name}`, {
    context: [
      `buffer  ${name}: ${dtype}[${shape.join(", ")}] at ${program.plan.placements[buffer]!.address}`,
      ...writers.map((kernel) => `written by  ${kernel.kind} ${kernel.name}`),
    ],
    help: "report the graph: print(document) says all of it",
  });
}
