// Refusals of values that have the right dtype and shape and still cannot be used; before anything has changed.

import { InputError, type Arrays, type NdArray, type Values } from "@wengert/tensor";

/** @throws InputError when the memory that an array was a view of has grown, and has taken its elements along. */
export function requireAttached(values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    if (!isArray(value) || !isDetached(value)) continue;
    throw new InputError(`run: ${name} must have its elements, got a view of memory that has grown since`, {
      context: [`value  ${name}  [${value.shape.join(", ")}] ${value.dtype}`],
      help: "ask inputView for it after the program has run for its largest sizes, or hand over a copy",
    });
  }
}

function isArray(value: Values[string]): value is NdArray {
  return typeof value === "object" && value !== null && "data" in value && ArrayBuffer.isView(value.data);
}

function isDetached({ data, shape }: NdArray): boolean {
  if (data.length > 0 || shape.includes(0)) return false;
  try {
    return new Uint8Array(data.buffer).length > data.buffer.byteLength;
  } catch {
    // Only this is forbidden of a buffer that is gone.
    return true;
  }
}

/** @throws InputError when a truth value is another byte than 0 or 1, for which operations would not agree. */
export function requireTruthValues(arrays: Arrays): void {
  for (const [name, { dtype, data }] of Object.entries(arrays)) {
    if (dtype !== "bool" || areTruthValues(data as Uint8Array)) continue;
    const at = data.findIndex((byte) => byte > 1);
    throw new InputError(`run: ${name} must hold a 0 or 1 for each bool, got ${data[at]} at position ${at}`, {
      help: "Uint8Array.from(bytes, (byte) => (byte === 0 ? 0 : 1)) makes truth values of bytes",
    });
  }
}

/** Whether all bytes are 0 or 1; four at a time, since masks can be large. */
function areTruthValues(data: Uint8Array): boolean {
  const { buffer, byteOffset, length } = data;
  const head = -byteOffset & 3;
  const whole = Math.max(0, (length - head) >> 2);
  const words = new Uint32Array(buffer, whole > 0 ? byteOffset + head : 0, whole);
  let seen = 0;
  for (let i = 0; i < whole; i++) seen |= words[i]!;
  seen |= seen >>> 16;
  seen |= seen >>> 8;
  for (let i = 0; i < Math.min(head, length); i++) seen |= data[i]!;
  for (let i = head + 4 * whole; i < length; i++) seen |= data[i]!;
  return (seen & 0xfe) === 0;
}
