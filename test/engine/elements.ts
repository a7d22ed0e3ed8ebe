// Arrays by a seed: ordinary numbers, numbers of every magnitude, and those that code forgets.

import { allocate, arrayFrom, elements, type DType, type NdArray } from "@wengert/tensor";
import { numbers } from "../random-networks.ts";

/** A source of numbers from 0 to 1, 1 excluded. */
export type Random = () => number;

/** The source for a seed. */
export function randomFrom(seed: number): Random {
  const next = numbers(seed);
  return () => (next() + 1) / 2;
}

/** A whole number from 0 to `count - 1`. */
export function pickOf(random: Random, count: number): number {
  return Math.floor(random() * count);
}

const ordinary = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, Number.NaN, Infinity, -Infinity] as const;

const specials: Readonly<Record<DType, readonly number[]>> = {
  f32: [...ordinary, 1e-45, -1e-45, 1.17549435e-38, 1.1e-38, 3.4028235e38, -3.4028235e38, 8388607.5, 2 ** 31],
  f64: [
    ...ordinary,
    5e-324,
    2.2e-308,
    1.7976931348623157e308,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32,
    2 ** 52 + 0.5,
  ],
  i32: [0, 1, -1, 2, 7, 2147483647, -2147483648, -2147483647, 65536],
  u32: [0, 1, 2, 7, 4294967295, 4294967294, 2147483648, 2147483647, 65536],
  bool: [0, 1],
};

/** A number from -8 to 8. */
export const tameNumber = (random: Random): number => 16 * random() - 8;

function numberOf(dtype: DType, random: Random): number {
  const kind = random();
  const list = specials[dtype];
  if (kind < 0.2 || dtype === "bool") return list[pickOf(random, list.length)]!;
  if (dtype === "i32" || dtype === "u32") {
    const small = Math.floor(20 * random()) - (dtype === "i32" ? 10 : 0);
    return kind < 0.7 ? small : Math.floor(2 ** 32 * random()) - (dtype === "i32" ? 2 ** 31 : 0);
  }
  if (kind < 0.7) return tameNumber(random);
  const magnitude = (dtype === "f32" ? 76 : 600) * (random() - 0.5);
  return (random() < 0.5 ? -1 : 1) * (1 + random()) * 10 ** magnitude;
}

/** An array of numbers by a formula of the source. */
export function filled(dtype: DType, shape: readonly number[], next: () => number): NdArray {
  const data = allocate(dtype, elements(shape));
  for (let i = 0; i < data.length; i++) data[i] = next();
  return arrayFrom(data, shape);
}

/** An array of anything that the dtype can hold. */
export function anyArray(dtype: DType, shape: readonly number[], random: Random): NdArray {
  return filled(dtype, shape, () => numberOf(dtype, random));
}

/** An array whose floats are from -8 to 8, and now and then NaN or infinite; integers are any. */
export function tameArray(dtype: DType, shape: readonly number[], random: Random): NdArray {
  if (dtype !== "f32" && dtype !== "f64") return anyArray(dtype, shape, random);
  const wild = random() < 0.3;
  const odd = [Number.NaN, Infinity, -Infinity, -0] as const;
  return filled(dtype, shape, () =>
    wild && random() < 0.1 ? odd[pickOf(random, odd.length)]! : tameNumber(random),
  );
}

/** An array of numbers from 0 to `count - 1`. */
export function indexArray(
  dtype: "i32" | "u32",
  { shape, count }: { readonly shape: readonly number[]; readonly count: number },
  random: Random,
): NdArray {
  return filled(dtype, shape, () => pickOf(random, count));
}
