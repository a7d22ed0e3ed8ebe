// How near a value of an engine must be to that of the reference evaluator: to the bit, within units in the last
// place, or within the rounding of a sum. Each comparison gives what differs in words, or undefined.

import { isFloat, type NdArray } from "@wengert/tensor";

/** What two values have in common. */
export type Agreement =
  | { readonly kind: "bits" }
  /** Elements lie so many representable numbers apart at most. */
  | { readonly kind: "ulps"; readonly ulps: number }
  /** Every element comes of so many operations, and `terms` holds the sums of the absolute terms, in f64. */
  | { readonly kind: "terms"; readonly operations: number; readonly terms: NdArray };

/** The same in every bit, except that all NaN are one. */
export const sameBits: Agreement = { kind: "bits" };

const bits = new DataView(new ArrayBuffer(8));

/** The position of a number among those that the dtype represents; neighbours differ by 1, and -0 is 0. */
function rank(x: number, dtype: NdArray["dtype"]): bigint {
  if (dtype === "f32") bits.setInt32(0, float32Bits(x));
  else bits.setFloat64(0, x);
  const raw = dtype === "f32" ? BigInt(bits.getInt32(0)) : bits.getBigInt64(0);
  const low = dtype === "f32" ? -(2n ** 31n) : -(2n ** 63n);
  return raw < 0n ? low - raw : raw;
}

function float32Bits(x: number): number {
  bits.setFloat32(0, x);
  return bits.getInt32(0);
}

/** How many representable numbers lie from one to the other; infinite where one of them is no number. */
export function ulpsBetween(a: number, b: number, dtype: NdArray["dtype"]): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY;
  const distance = rank(a, dtype) - rank(b, dtype);
  return Number(distance < 0n ? -distance : distance);
}

/**
 * The error of a sum of n rounded terms in any order, γ(n) Σ|terms| with γ(n) = n u / (1 - n u) (Higham 2002, 4.4),
 * in f32 with u = 2⁻²⁴; `operations` counts the roundings that one term can meet: of its product, of the n - 1 sums,
 * and of the reference when it is stored. Products that underflow are off by half the least number each.
 * f64 is held to 1e-12 of the terms.
 */
export function errorOfTerms(dtype: NdArray["dtype"], operations: number, terms: number): number {
  if (dtype === "f64") return 1e-12 * terms;
  const rounding = operations * 2 ** -24;
  return (rounding / (1 - rounding)) * terms + operations * 2 ** -149;
}

function agrees(
  agreement: Agreement,
  { a, b, dtype, at }: { a: number; b: number; dtype: NdArray["dtype"]; at: number },
): boolean {
  if (Object.is(a, b)) return true;
  if (agreement.kind === "bits" || !isFloat(dtype)) return false;
  if (agreement.kind === "ulps") return ulpsBetween(a, b, dtype) <= agreement.ulps;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  return Math.abs(a - b) <= errorOfTerms(dtype, agreement.operations, agreement.terms.data[at]!);
}

/** What keeps a value from agreeing with the one that is wanted. */
export function disagreement(
  found: NdArray,
  wanted: NdArray,
  agreement: Agreement = sameBits,
): string | undefined {
  const type = ({ dtype, shape }: NdArray): string => `${dtype}[${shape.join(", ")}]`;
  if (type(found) !== type(wanted)) return `${type(found)} for ${type(wanted)}`;
  if (found.data.length !== wanted.data.length) return `${found.data.length} elements for ${type(wanted)}`;
  for (let at = 0; at < wanted.data.length; at++) {
    const [a, b] = [found.data[at]!, wanted.data[at]!];
    if (agrees(agreement, { a, b, dtype: wanted.dtype, at })) continue;
    const show = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));
    const apart = isFloat(wanted.dtype) ? ` (${ulpsBetween(a, b, wanted.dtype)} ulp)` : "";
    return `${show(a)} for ${show(b)}${apart} at ${at} of ${type(wanted)}`;
  }
  return undefined;
}
