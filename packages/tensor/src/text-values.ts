// The values that stand in a printed graph: JSON, and arrays as `f32[2, 2](1, nan, -0, inf)`.

import { convertNumber, type DType } from "./dtype.ts";
import { isNdArray, type NdArray } from "./ndarray.ts";

/** An attribute as text; arrays longer than the limit are cut and can then not be read back. */
export function printValue(value: unknown, limit: number): string {
  if (isNdArray(value)) return printArray(value, limit);
  if (typeof value === "number") return printNumber(value, "f64");
  if (Array.isArray(value)) return `[${value.map((item) => printValue(item, limit)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${printValue(item, limit)}`,
    );
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(value);
}

function printArray({ dtype, shape, data }: NdArray, limit: number): string {
  const shown = data.length > limit ? data.subarray(0, limit) : data;
  const cells = Array.from(shown, (x) => printNumber(x, dtype));
  if (shown.length < data.length) cells.push("…");
  return `${dtype}[${shape.join(", ")}](${cells.join(", ")})`;
}

/** The shortest decimal that reads back as the same number of the dtype. */
function printNumber(x: number, dtype: DType): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0";
  if (dtype === "f32") {
    for (let digits = 6; digits < 9; digits++) {
      const short = Number(x.toPrecision(digits));
      if (convertNumber(short, "f32") === x) return String(short);
    }
    return String(Number(x.toPrecision(9)));
  }
  return String(x);
}

/** The number that a text from `printNumber` stands for. */
export function readNumber(text: string): number {
  if (text === "nan") return Number.NaN;
  if (text === "inf") return Number.POSITIVE_INFINITY;
  if (text === "-inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}
