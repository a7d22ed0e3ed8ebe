// Constants of a function: each is a local, set once at the beginning and shared by all who ask for it.

import type { Code, Local } from "./code.ts";
import { encode, type Encoding, type Immediates } from "./encode.ts";
import type { ValueType } from "./module.ts";

type Constants = Pick<Code, "i32" | "f32" | "f64" | "i32x4" | "f32x4" | "i64x2" | "f64x2">;

/** Constants whose instructions are appended to the prologue of a function when they are first asked for. */
export function constantsOf(prologue: Encoding, local: Code["local"]): Constants {
  const added = <K>(known: Map<K, Local>, key: K, type: ValueType, constant: Immediates): Local => {
    const fresh = local(type);
    encode(prologue, `${type}.const`, constant);
    encode(prologue, "local.set", [fresh]);
    known.set(key, fresh);
    return fresh;
  };
  const float = (type: "f32" | "f64", value: number): Local => {
    const key = `${type} ${textOf(value)}`;
    return known.get(key) ?? added(known, key, type, [value]);
  };
  const vector = (type: string, lanes: readonly (number | bigint)[], make: () => Lanes): Local => {
    const key = `${type} ${lanes.map(textOf).join(" ")}`;
    return known.get(key) ?? added(known, key, "v128", new Uint8Array(make().buffer));
  };
  const floats = (lanes: readonly number[]): Lanes => Float32Array.from(four(lanes));
  // Most constants are these two. A number is its own key, but for -0, which a map takes for 0.
  const integers = new Map<number, Local>();
  const splats = new Map<number, Local>();
  const splat = (value: number): Local =>
    splats.get(value) ?? added(splats, value, "v128", new Uint8Array(floats([value]).buffer));
  const known = new Map<string, Local>();
  return {
    i32: (value) => integers.get(value) ?? added(integers, value, "i32", [value]),
    f32: (value) => float("f32", value),
    f64: (value) => float("f64", value),
    i32x4: (...lanes) => vector("i32x4", lanes, () => Int32Array.from(four(lanes))),
    f32x4: (...lanes) =>
      lanes.length === 1 && !Object.is(lanes[0], -0)
        ? splat(lanes[0]!)
        : vector("f32x4", lanes, () => floats(lanes)),
    i64x2: (...lanes) => vector("i64x2", lanes, () => BigInt64Array.from(two(lanes))),
    f64x2: (...lanes) => vector("f64x2", lanes, () => Float64Array.from(two(lanes))),
  };
}

type Lanes =
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

function four(lanes: readonly number[]): readonly number[] {
  const count = lanes.length;
  return [lanes[0]!, lanes[1 % count]!, lanes[2 % count]!, lanes[3 % count]!];
}

function two<T>(lanes: readonly T[]): readonly T[] {
  return [lanes[0]!, lanes[lanes.length - 1]!];
}

function textOf(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
