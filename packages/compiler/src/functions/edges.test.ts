// What functions give at zeros, infinities, NaN and the ends of the formats, and laws that hold to the bit: symmetry,
// lanes that know nothing of one another, names of the library that exist.

import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import { writeFunction } from "../wasm/code.ts";
import { calleesOf } from "../wasm/module.ts";
import { vectorFunctions, type VectorFunctionName } from "./index.ts";
import { libraryFunctions } from "./library.ts";
import { binaryNames, errorOf, referenceOf, unaryNames } from "./measure-error.ts";
import { runFunction } from "./run-function.ts";

const names = Object.keys(vectorFunctions) as VectorFunctionName[];
const dtypes = ["f32", "f64"] as const;
const isBinary = (name: VectorFunctionName): boolean => (binaryNames as readonly string[]).includes(name);

/** Ends of the formats. */
const ends = [
  0,
  2 ** -149,
  2 ** -148,
  2 ** -126 - 2 ** -149,
  2 ** -126,
  3.4028234663852886e38,
  5e-324,
  1e-323,
  2 ** -1022 - 5e-324,
  2 ** -1022,
  Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
];
/** Numbers next to which something changes. */
const ordinary = [
  0.5,
  1,
  1 + 2 ** -23,
  1 - 2 ** -24,
  1 + 2 ** -52,
  1 - 2 ** -53,
  1.5,
  2,
  2.5,
  3,
  4,
  Math.PI / 2,
  Math.PI,
  1e5,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 24 + 2,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  1e22,
  1e300,
  6381956970095103 * 2 ** 797,
];
type Floats = Float32Array | Float64Array;

/** A function of either dtype. */
const runnerOf = (name: VectorFunctionName, dtype: "f32" | "f64", relaxed = true) =>
  // Whoever asks for a dtype also makes arrays of it.
  runFunction(name, dtype, relaxed) as unknown as (...operands: readonly Floats[]) => Floats;

/** All of them, of either sign, and NaN. */
const edges = [...ends, ...ordinary].flatMap((each) => [each, -each]).concat(Number.NaN);

beforeAll(() => setFlagsFromString("--experimental-wasm-relaxed-simd"));

describe.each(dtypes)("%s", (dtype) => {
  const arrayOf = (numbers: readonly number[]): Floats =>
    dtype === "f32" ? Float32Array.from(numbers) : Float64Array.from(numbers);

  test.each(names)("%s goes like Math at the edges", (name) => {
    const pairs = isBinary(name)
      ? edges.flatMap((x) => edges.map((y) => [x, y] as const))
      : edges.map((x) => [x, 0] as const);
    const operands = [arrayOf(pairs.map(([x]) => x)), arrayOf(pairs.map(([, y]) => y))].slice(
      0,
      isBinary(name) ? 2 : 1,
    );
    const values = referenceOf(name, ...operands);
    for (const relaxed of [false, true]) {
      const results = runnerOf(name, dtype, relaxed)(...operands);
      for (const [i, result] of results.entries())
        expect(
          errorOf(result, values[i]!, dtype),
          `${operands.map((x) => x[i]!).join(", ")}: ${result}`,
        ).toBeLessThanOrEqual(3);
    }
  });

  test.each(["expm1", "log1p", "sin", "tan", "asin", "atan", "sinh", "tanh", "erf"] as const)(
    "%s keeps the sign of zero and is nearly x next to it",
    (name) => {
      const tiny = dtype === "f32" ? [0, 2 ** -149, 2 ** -127, 1e-30] : [0, 5e-324, 2 ** -1030, 1e-300];
      const x = arrayOf(tiny.flatMap((each) => [each, -each]));
      const results = runnerOf(name, dtype)(x);
      // Only erf has another slope there, 2/√π.
      expect([...results]).toEqual(
        name === "erf" ? [...arrayOf([...x].map((each) => each * 1.1283791670955126))] : [...x],
      );
    },
  );

  test.each([
    ["tanh", 9.25, 20],
    ["sigmoid", 17.4, 37.5],
    ["erf", 4, 6],
  ] as const)("%s is 1 where the rest is lost", (name, single, double) => {
    const from = dtype === "f32" ? single : double;
    const results = runnerOf(name, dtype)(arrayOf([from, 1.01 * from, 2 * from, Number.POSITIVE_INFINITY]));
    expect([...results]).toEqual([1, 1, 1, 1]);
  });

  test.each(["sin", "tan", "asin", "atan", "sinh", "tanh", "erf"] as const)(
    "%s is odd to the bit",
    (name) => {
      const x = arrayOf(manyNumbers());
      const run = runnerOf(name, dtype);
      const mirrored = Array.from(run(x.map((each) => -each)), (result) => -result);
      expect(mirrored).toEqual(Array.from(run(x)));
    },
  );

  test.each(["cos", "cosh"] as const)("%s is even to the bit", (name) => {
    const x = arrayOf(manyNumbers());
    const run = runnerOf(name, dtype);
    expect(Array.from(run(x.map((each) => -each)))).toEqual(Array.from(run(x)));
  });

  test.each(names)("a result of %s does not depend on its neighbours", (name) => {
    // Rare cases take branches of their own, which must leave the other lanes alone.
    const numbers = [...edges, ...manyNumbers()];
    const mixed = numbers.flatMap((each, i) => [each, numbers[(7 * i) % numbers.length]!, 0.3, -1.2]);
    const alone = numbers.flatMap((each) => [each, each, each, each]);
    const [x, lonely] = [arrayOf(mixed), arrayOf(alone)];
    const run = runnerOf(name, dtype);
    const y = x.map(() => 2.5);
    const results = (data: ArrayLike<number>): number[] =>
      Array.from({ length: numbers.length }, (_, i) => data[4 * i]!);
    expect(results(run(x, y))).toEqual(results(run(lonely, y)));
  });
});

/** Both signs and many sizes, small and huge. */
function manyNumbers(): number[] {
  return Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 1.37 ** (i / 2 - 100));
}

test("rem is exact, as the remainder of whole numbers is", () => {
  const pairs: [number, number][] = [];
  for (let i = 0; i < 2000; i++) {
    const x = 2 ** 1000 / (i + 1) ** 3;
    pairs.push(
      [i % 2 === 0 ? x : -x, 1 / (i + 7)],
      [i * 1.7, 0.1],
      [x, x / (i + 0.5)],
      [5e-324 * i, 1.5e-323],
    );
  }
  const [x, y] = [Float64Array.from(pairs, ([each]) => each), Float64Array.from(pairs, ([, each]) => each)];
  const results = runFunction("rem", "f64", false)(x, y);
  expect([...results]).toEqual(pairs.map(([left, right]) => left % right));
});

test("the library has every function that the code calls, and each of its own", () => {
  const features = { relaxed: true, wide: false };
  const library = libraryFunctions(features);
  const written = names.flatMap((name) =>
    dtypes.map((dtype) =>
      writeFunction("apply", { parameters: ["v128", "v128"], results: ["v128"] }, features, (code) => {
        const operands = isBinary(name) ? [0, 1] : [0];
        code.emit("local.get", vectorFunctions[name][dtype](code, ...operands));
      }),
    ),
  );
  const called = [...written, ...library].flatMap(calleesOf);
  expect(new Set(called)).toEqual(new Set(library.map(({ name }) => name)));
  expect(library.every(({ name }) => name.startsWith("lib."))).toBe(true);
});

test("names of the table are those of the references", () => {
  expect(names.toSorted()).toEqual([...unaryNames, ...binaryNames].toSorted());
});
