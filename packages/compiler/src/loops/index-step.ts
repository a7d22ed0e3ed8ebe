// The value of an index step: a whole number that grows along the loops.

import type { Step } from "../kernel.ts";
import type { Code, Local } from "../wasm/code.ts";
import type { Nest } from "./nest.ts";

/** Writes `offset + Σ strides[l] * index[l]` for the vectors at one point of a nest. */
export function writeIndex(
  code: Code,
  { vectorLoop, lanes }: Nest,
  step: Step & { readonly kind: "index" },
  { indices, width }: { readonly indices: readonly Local[]; readonly width: { readonly vectors: number } },
): readonly Local[] {
  let scalar = code.i32(step.offset);
  indices.forEach((index, loop) => {
    const stride = step.strides[loop]!;
    if (stride !== 0) scalar = code.op("i32.add", scalar, code.op("i32.mul", index, code.i32(stride)));
  });
  const first = code.op("i32x4.splat", scalar);
  const along = step.strides[vectorLoop] ?? 0;
  const count = along === 0 ? 1 : width.vectors;
  return Array.from({ length: count }, (_, i) => {
    const start = i * lanes * along;
    const steps = code.i32x4(start, start + along, start + 2 * along, start + 3 * along);
    return converted(code, step.dtype, along === 0 ? first : code.op("i32x4.add", first, steps));
  });
}

/** Positions are counted modulo 2^32, without a sign. */
function converted(code: Code, dtype: Step["dtype"], value: Local): Local {
  if (dtype === "f32") return code.op("f32x4.convert_i32x4_u", value);
  return dtype === "f64" ? code.op("f64x2.convert_low_i32x4_u", value) : value;
}
