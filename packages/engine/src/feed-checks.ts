// Values on their way into a program: what every engine refuses, and what has the right dtype and shape and still cannot
// be used here. Nothing has changed when something is refused.

import {
  binderOf,
  InputError,
  requireSizes,
  type Binder,
  type BoundValues,
  type GraphNode,
  type NdArray,
  type Sizes,
  type Values,
} from "@wengert/tensor";

/**
 * As `binderOf` of `@wengert/tensor`, for this engine.
 * @throws InputError, when it is called, as every engine does; also of views of memory that has grown since, and where a
 * bool is another byte than 0 or 1, for which operations would not agree.
 */
export function fitterOf(feeds: Readonly<Record<string, GraphNode>>, dimensions: readonly string[]): Binder {
  const bind = binderOf(feeds, dimensions);
  const flags = Object.keys(feeds).filter((name) => feeds[name]!.dtype === "bool");
  return (values, known) => {
    const bound = orLost(values, () => bind(values, known));
    for (const name of flags) requireTruthValues(name, bound.arrays[name]!.data as Uint8Array);
    return bound;
  };
}

/** @throws InputError when a named dimension has no size, is unknown, or its size is no whole number from 0. */
export function requireAllSizes(call: string, sizes: Sizes, dimensions: readonly string[]): void {
  requireSizes(call, sizes, dimensions);
  const missing = dimensions.find((dim) => !Object.hasOwn(sizes, dim));
  if (missing !== undefined)
    throw new InputError(`${call}: every dimension needs a size, got none for ${missing}`, {
      help: `pass { ${dimensions.map((dim) => `${dim}: …`).join(", ")} }`,
    });
}

/** An array that has lost its elements is too short: that is found first, and then explained. */
function orLost(values: Values, bind: () => BoundValues): BoundValues {
  try {
    return bind();
  } catch (error) {
    const lost = Object.entries(values ?? {}).find(([, value]) => isArray(value) && isDetached(value));
    if (lost === undefined) throw error;
    throw new InputError(`evaluate: ${lost[0]} must have its elements, got a view of memory that has grown`, {
      help: "ask inputView for it after the program has run for its largest sizes, or hand over a copy",
      cause: error,
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

function requireTruthValues(name: string, data: Uint8Array): void {
  if (areTruthValues(data)) return;
  const at = data.findIndex((byte) => byte > 1);
  throw new InputError(
    `evaluate: ${name} must hold 0 or 1 for each bool, got ${data[at]} at position ${at}`,
    {
      help: "Uint8Array.from(bytes, (byte) => (byte === 0 ? 0 : 1)) makes truth values of bytes",
    },
  );
}

/** Whether all bytes are 0 or 1; eight at a time, since masks can be large. */
function areTruthValues(data: Uint8Array): boolean {
  const { buffer, byteOffset, length } = data;
  const head = -byteOffset & 3;
  const whole = Math.max(0, (length - head) >> 3) * 2;
  // Signed, for those fit a register.
  const words = new Int32Array(buffer, whole > 0 ? byteOffset + head : 0, whole);
  let [even, odd] = [0, 0];
  for (let i = 0; i < whole; i += 2) {
    even |= words[i]!;
    odd |= words[i + 1]!;
  }
  let seen = even | odd;
  seen |= seen >>> 16;
  seen |= seen >>> 8;
  for (let i = 0; i < Math.min(head, length); i++) seen |= data[i]!;
  for (let i = head + 4 * whole; i < length; i++) seen |= data[i]!;
  return (seen & 0xfe) === 0;
}
