// From accesses to addresses: pointers that move with the loops of a nest, and loads and stores at them.
// An access outside of all loops that it walks along keeps the address that it has.

import { bytesPerElement, type DType } from "@wengert/tensor";
import type { Access, StepId } from "../kernel.ts";
import type { Code, Local } from "../wasm/code.ts";
import { loadSplat, loadVector, storeVector } from "./memory.ts";
import type { Nest } from "./nest.ts";

/** How many vectors stand side by side, or that a single element does. */
export interface Width {
  readonly vectors: number;
  readonly single: boolean;
}

/** What is known at one point of the nest. */
export interface Scope {
  /** By step: one value where lanes are equal, else one a vector; undefined where it is not known yet. */
  readonly values: readonly (readonly Local[] | undefined)[];
  /** Pointers by access. */
  readonly pointers: ReadonlyMap<Access, Local>;
  /** The running number of every open loop. */
  readonly indices: readonly Local[];
  readonly width: Width;
}

/** The code of a nest while it is written. */
interface Target {
  readonly code: Code;
  readonly nest: Nest;
}

/** Where every access of a nest begins. */
export function basePointers({ code, nest }: Target): ReadonlyMap<Access, Local> {
  const pointers = new Map<Access, Local>();
  for (const step of nest.steps)
    if (step.kind === "load") pointers.set(step.access, basePointer(code, nest, step.access));
  for (const { access } of nest.stores) pointers.set(access, basePointer(code, nest, access));
  return pointers;
}

/** The address of an operand. A distance that strides will lessen is added at once, for no address may be negative. */
function basePointer(code: Code, { operands }: Nest, access: Access): Local {
  const base = code.parameters[2 + access.buffer]!;
  if (!hasNegative(access)) return base;
  return code.op("i32.add", base, code.i32(access.offset * bytesPerElement(operands[access.buffer]!)));
}

function hasNegative({ strides }: Access): boolean {
  return strides.some((stride) => stride < 0);
}

/** The pointers inside a loop: moved to the loop's turn. */
export function movedPointers(
  { code, nest }: Target,
  outside: ReadonlyMap<Access, Local>,
  depth: number,
  index: Local,
): ReadonlyMap<Access, Local> {
  const pointers = new Map(outside);
  const distances = new Map<number, Local>();
  const moved = new Map<Local, Map<number, Local>>();
  outside.forEach((pointer, access) => {
    const bytes = (access.strides[depth] ?? 0) * bytesPerElement(nest.operands[access.buffer]!);
    if (bytes === 0) return;
    const known = moved.get(pointer) ?? new Map<number, Local>();
    moved.set(pointer, known);
    const same = known.get(bytes);
    if (same !== undefined) {
      pointers.set(access, same);
      return;
    }
    const distance = distances.get(bytes) ?? scaled(code, index, bytes);
    distances.set(bytes, distance);
    const fresh = code.op("i32.add", pointer, distance);
    known.set(bytes, fresh);
    pointers.set(access, fresh);
  });
  return pointers;
}

function scaled(code: Code, index: Local, bytes: number): Local {
  if (bytes === 1) return index;
  const power = Math.log2(bytes);
  return Number.isInteger(power)
    ? code.op("i32.shl", index, code.i32(power))
    : code.op("i32.mul", index, code.i32(bytes));
}

/** Where an access stands for the first vector of the width; each of the others is `step` bytes further. */
interface Row {
  readonly pointer: Local;
  readonly offset: number;
  /** Bytes between neighbouring lanes. */
  readonly stride: number;
  readonly step: number;
}

function rowOf({ nest, code }: Target, { pointers }: Scope, access: Access): Row {
  const bytes = bytesPerElement(nest.operands[access.buffer]!);
  const stride = (access.strides[nest.vectorLoop] ?? 0) * bytes;
  const offset = hasNegative(access) ? 0 : access.offset * bytes;
  const pointer = pointers.get(access) ?? code.parameters[2 + access.buffer]!;
  return { pointer, offset, stride, step: nest.lanes * stride };
}

/** The value of an access: one where all lanes have the same, else one a vector. */
export function writeLoad(target: Target, scope: Scope, access: Access, dtype: DType): readonly Local[] {
  const { code, nest } = target;
  const { lanes } = nest;
  const { pointer, offset, stride, step } = rowOf(target, scope, access);
  if (stride === 0) return [loadSplat(code, dtype, lanes, { pointer, offset })];
  const { vectors, single } = scope.width;
  const values: Local[] = [];
  for (let i = 0; i < vectors; i++)
    values.push(loadVector(code, dtype, { pointer, offset: offset + i * step }, { lanes, single, stride }));
  return values;
}

/** Writes the value of a step to where an access says; where that does not move along lanes, the first of them. */
export function writeStore(target: Target, scope: Scope, access: Access, id: StepId): void {
  const { code, nest } = target;
  const { lanes } = nest;
  const dtype = nest.operands[access.buffer]!;
  const value = scope.values[id]!;
  const { pointer, offset, stride, step } = rowOf(target, scope, access);
  const uniform = stride === 0;
  const selection = { lanes, single: scope.width.single || uniform, stride };
  const vectors = uniform ? 1 : scope.width.vectors;
  for (let i = 0; i < vectors; i++)
    storeVector(code, dtype, { pointer, offset: offset + i * step }, selection, value[i % value.length]!);
}
