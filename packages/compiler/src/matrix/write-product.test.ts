// Products against a triple loop in f64: all strides, dtypes and features, exact memory, and any order of chunks.

import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { expect, test } from "vitest";
import { functionsOf } from "../kernel-code.ts";
import { assemble } from "../wasm/assemble.ts";
import type { Features } from "../wasm/code.ts";
import { aheadOf } from "./ahead.ts";
import { normalize } from "./normalize.ts";
import { planProduct } from "./plan.ts";
import { arrays, operandsOf, type Operand, type Values } from "./product-operands.ts";
import type { MatrixProduct, ProductType } from "./product.ts";
import { writeProduct } from "./write-product.ts";

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: unknown,
  ) => { readonly exports: Readonly<Record<string, (...values: number[]) => void>> };
};

// Node 20 has relaxed SIMD behind a flag.
setFlagsFromString("--experimental-wasm-relaxed-simd");

const plain: Features = { relaxed: false, wide: false };
const allFeatures: readonly Features[] = [
  plain,
  { relaxed: true, wide: false },
  { relaxed: true, wide: true },
];

const roundings = { f32: 2 ** -24, f64: 2 ** -53, i32: 0, u32: 0 } as const;

/** How a kernel is run; `last` says which operand ends where memory does. */
interface Run {
  readonly features?: Features;
  readonly threads?: number;
  readonly order?: (chunks: readonly number[]) => readonly number[];
  readonly last?: 0 | 1 | 2;
}

const guard = 64;
const aligned = (bytes: number): number => guard * Math.ceil(bytes / guard);

/** Runs the kernel in a memory of 0xff bytes (NaN), and expects all but C and the scratch as they were. */
function run(product: MatrixProduct, operands: readonly [Operand, Operand], options: Run = {}): Values {
  const { features = plain, threads = 8, order = (chunks): readonly number[] => chunks, last = 2 } = options;
  const { dtype, batch, rows, columns } = product;
  const kernel = writeProduct(product, features, threads);
  const results = new arrays[dtype](batch * rows * columns);
  const lengths = [...operands.map(({ values }) => values.byteLength), results.byteLength];
  const starts: number[] = [];
  let end = guard + aligned(kernel.scratchBytes) + guard;
  const before = lengths.reduce((sum, bytes) => sum + aligned(bytes) + guard, end);
  const pages = Math.ceil(before / 65_536);
  for (const place of [0, 1, 2].filter((each) => each !== last)) {
    starts[place] = end;
    end += aligned(lengths[place]!) + guard;
  }
  starts[last] = pages * 65_536 - lengths[last]!;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const bytes = new Uint8Array(memory.buffer).fill(0xff);
  const write = ({ values }: Operand, at: number): void => bytes.set(new Uint8Array(values.buffer), at);
  for (const [i, each] of operands.entries()) write(each, starts[i]!);
  // As it is when a thread begins with a call.
  new Uint32Array(memory.buffer)[guard / 4] = 0;
  const expected = bytes.slice();
  const entry = instantiate(kernel, memory, pages);
  const addresses = operands.map(({ origin, values }, i) => starts[i]! + origin * values.BYTES_PER_ELEMENT);
  for (const chunk of order(Array.from({ length: kernel.chunks }, (_, i) => i))) {
    entry(chunk, guard, ...addresses, starts[2]!);
  }
  results.set(new arrays[dtype](bytes.slice(starts[2], starts[2]! + results.byteLength).buffer));
  expected.set(bytes.subarray(starts[2], starts[2]! + results.byteLength), starts[2]);
  expected.set(bytes.subarray(guard, guard + kernel.scratchBytes), guard);
  expect(Buffer.compare(expected, bytes), "bytes outside C and the scratch are as they were").toBe(0);
  return results;
}

function instantiate(
  code: ReturnType<typeof writeProduct>,
  memory: object,
  pages: number,
): (...values: number[]) => void {
  const { name } = code.functions[0]!;
  const module = {
    memory: { pages, maximumPages: pages, shared: false },
    imports: [],
    functions: functionsOf([code]),
    exports: [name],
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(module)), { env: { memory } });
  return exports[name]!;
}

/** What an element is to be, and how far it may be off. */
interface Expected {
  readonly sums: Float64Array;
  readonly bounds: Float64Array;
}

/** The triple loop; integers modulo 2^32. */
function expectedOf(product: MatrixProduct, [a, b]: readonly [Operand, Operand]): Expected {
  const { dtype, batch, rows, columns, depth, left, right } = product;
  const sums = new Float64Array(batch * rows * columns);
  const bounds = new Float64Array(sums.length);
  const isFloat = roundings[dtype] > 0;
  for (let each = 0; each < sums.length; each++) {
    const [n, i, j] = [
      Math.floor(each / (rows * columns)),
      Math.floor(each / columns) % rows,
      each % columns,
    ];
    const [atA, atB] = [
      a.origin + n * left.batch + i * left.row,
      b.origin + n * right.batch + j * right.column,
    ];
    let [sum, magnitude] = [0, 0];
    for (let k = 0; k < depth; k++) {
      const x = a.values[atA + k * left.depth]!;
      const y = b.values[atB + k * right.depth]!;
      sum = isFloat ? sum + x * y : (sum + Math.imul(x, y)) | 0;
      magnitude += Math.abs(x * y);
    }
    sums[each] = sum;
    // Standard bound (Higham, Accuracy and Stability of Numerical Algorithms, 3.1); the oracle in f64 errs as much.
    bounds[each] = isFloat ? (depth + 1) * (roundings[dtype] + 2 ** -53) * magnitude : 0;
  }
  return { sums, bounds };
}

/** Expects every element within depth roundings of the sum of magnitudes, in every run. */
function expectProduct(product: MatrixProduct, ...runs: readonly Run[]): void {
  const operands = operandsOf(product);
  const { sums, bounds } = expectedOf(product, operands);
  const isFloat = roundings[product.dtype] > 0;
  for (const options of runs) {
    const actual = run(product, operands, options);
    const isRight = (value: number, i: number): boolean =>
      Math.abs((isFloat ? value : value | 0) - sums[i]!) <= bounds[i]!;
    const wrong = [...actual.entries()].filter(([i, value]) => !isRight(value, i));
    expect(wrong.slice(0, 3).map(([i, value]) => `C[${i}] = ${value} instead of ${sums[i]}`)).toEqual([]);
  }
}

type Sizes = Pick<MatrixProduct, "batch" | "rows" | "columns" | "depth">;

/** A dense product with transposed operands where asked. */
function dense(dtype: ProductType, sizes: Sizes, transposed: "NN" | "NT" | "TN" | "TT"): MatrixProduct {
  const { rows, columns, depth } = sizes;
  const [a, b] = [transposed[0], transposed[1]];
  return {
    dtype,
    ...sizes,
    left: { batch: rows * depth, ...(a === "N" ? { row: depth, depth: 1 } : { row: 1, depth: rows }) },
    right: {
      batch: depth * columns,
      ...(b === "N" ? { depth: columns, column: 1 } : { depth: 1, column: depth }),
    },
  };
}

const cases = ["NN", "NT", "TN", "TT"] as const;
const dtypes = ["f32", "f64", "i32", "u32"] as const;

const size = fc.oneof(
  { arbitrary: fc.nat(40), weight: 6 },
  { arbitrary: fc.integer({ min: 0, max: 3 }), weight: 2 },
);
const sizes = fc.record({ batch: fc.constantFrom(1, 1, 2, 3, 0), rows: size, columns: size, depth: size });
const large = fc
  .record({
    batch: fc.constant(1),
    rows: fc.integer({ min: 1, max: 300 }),
    columns: fc.integer({ min: 1, max: 300 }),
    depth: fc.integer({ min: 1, max: 600 }),
  })
  .filter(({ rows, columns, depth }) => rows * columns * depth < 4e6);
const runs = fc.record({
  features: fc.constantFrom(...allFeatures),
  threads: fc.constantFrom(1, 2, 8),
  last: fc.constantFrom(0 as const, 1 as const, 2 as const),
});

test("a product of dense operands is the triple loop's, transposed or not, in every dtype", () => {
  const law = fc.property(
    sizes,
    fc.constantFrom(...cases),
    fc.constantFrom(...dtypes),
    runs,
    (each, order, dtype, how) => expectProduct(dense(dtype, each, order), how),
  );
  fc.assert(law, { numRuns: 400 });
});

test("a product that takes several blocks and chunks is the triple loop's", () => {
  const law = fc.property(
    large,
    fc.constantFrom(...cases),
    fc.constantFrom(...dtypes),
    runs,
    (each, order, dtype, how) => expectProduct(dense(dtype, each, order), how),
  );
  fc.assert(law, { numRuns: 40 });
});

test("every path is right: few rows or columns, deep or shallow, read in place or packed", () => {
  const paths = [
    { order: "NN", sizes: [26, 530, 1024], path: ["sums", "inPlace", "packed"] },
    { order: "NN", sizes: [20, 530, 1024], path: ["sums", "inPlace", "inPlace"] },
    { order: "TT", sizes: [150, 280, 600], path: ["sums", "packed", "packed"] },
    { order: "TN", sizes: [140, 2100, 520], path: ["sums", "packed", "packed"] },
    { order: "NN", sizes: [520, 540, 530], path: ["sums", "inPlace", "packed"] },
    { order: "NT", sizes: [33, 37, 41], path: ["sums", "inPlace", "packed"] },
    { order: "NN", sizes: [20, 209, 700], path: ["sums", "inPlace", "inPlace"] },
    { order: "NN", sizes: [20, 209, 1536], path: ["sums", "inPlace", "inPlace"] },
    { order: "NN", sizes: [7, 500, 1], path: ["streams", "inPlace", "inPlace"] },
    { order: "NN", sizes: [5, 300, 209], path: ["streams", "inPlace", "inPlace"] },
    { order: "TN", sizes: [1, 700, 209], path: ["streams", "inPlace", "inPlace"] },
    { order: "NT", sizes: [20, 100, 1209], path: ["dots", "inPlace", "inPlace"] },
    { order: "NT", sizes: [2, 43, 99], path: ["dots", "inPlace", "inPlace"] },
    { order: "NN", sizes: [1, 1, 1999], path: ["dots", "inPlace", "inPlace"] },
    { order: "NN", sizes: [90, 1, 90], path: ["dots", "inPlace", "inPlace"] },
  ] as const;
  for (const { order, sizes: shape, path } of paths) {
    const [rows, columns, depth] = shape;
    const isLarge = rows * columns * depth > 5e7;
    for (const dtype of isLarge ? (["f32"] as const) : (["f32", "f64", "i32"] as const)) {
      const product = dense(dtype, { batch: 1, rows, columns, depth }, order);
      for (const features of allFeatures) {
        const { tiles, left, right } = planProduct(normalize(product).product, features, 8);
        if (dtype === "f32") expect([tiles, left, right]).toEqual(path);
      }
      expectProduct(product, ...allFeatures.map((features) => ({ features })));
    }
  }
});

test("a B that is read ahead is the triple loop's, and nothing is read past its end", () => {
  const shapes = [
    { order: "NN", sizes: [20, 209, 1281] }, // the last block has one step
    { order: "NN", sizes: [20, 209, 1280] },
    { order: "NN", sizes: [7, 65, 4100] },
    { order: "NN", sizes: [17, 509, 540] },
    { order: "NN", sizes: [19, 900, 330] }, // panels of two heights
    { order: "NT", sizes: [20, 1281, 209] }, // the last panel has one column
    { order: "NT", sizes: [9, 1400, 190] },
    { order: "NT", sizes: [23, 300, 1000] }, // panels of two heights
  ] as const;
  for (const { order, sizes: shape } of shapes) {
    const [rows, columns, depth] = shape;
    for (const dtype of ["f32", "f64"] as const) {
      const product = dense(dtype, { batch: 1, rows, columns, depth }, order);
      const hows = [1, 2, 3, 8].map((threads, i): Run => ({
        threads,
        features: allFeatures[i % 3]!,
        last: 1,
      }));
      for (const { features, threads } of hows) {
        const plan = planProduct(normalize(product).product, features!, threads!);
        if (threads === 1 && dtype === "f32") expect(aheadOf(plan, plan.rows.height)).toBeDefined();
      }
      expectProduct(product, ...hows);
    }
  }
});

test("few rows or few columns of any strides are the triple loop's", () => {
  const few = fc.integer({ min: 1, max: 8 });
  const many = fc.integer({ min: 1, max: 300 });
  const skinny = fc.oneof(
    fc.record({ batch: fc.constantFrom(1, 2), rows: few, columns: many, depth: many }),
    fc.record({ batch: fc.constantFrom(1, 2), rows: many, columns: few, depth: many }),
    fc.record({ batch: fc.constantFrom(1, 2), rows: many, columns: many, depth: few }),
  );
  const step = fc.constantFrom(-2, -1, 0, 1, 301);
  const steps = fc.constantFrom(1, 1, -1, 3);
  const strides = fc.record({
    left: fc.record({ batch: step, row: step, depth: steps }),
    right: fc.oneof(
      fc.record({ batch: step, depth: step, column: steps }),
      fc.record({ batch: step, depth: steps, column: step }),
    ),
  });
  const law = fc.property(skinny, strides, fc.constantFrom(...dtypes), runs, (each, where, dtype, how) =>
    expectProduct({ dtype, ...each, ...where }, how),
  );
  fc.assert(law, { numRuns: 100 });
});

test("strides may repeat, reverse and skip", () => {
  const stride = fc.constantFrom(0, 1, -1, 2, -3, 7, 41);
  const strides = fc.record({
    left: fc.record({ batch: stride, row: stride, depth: stride }),
    right: fc.record({ batch: stride, depth: stride, column: stride }),
  });
  const law = fc.property(sizes, strides, fc.constantFrom(...dtypes), runs, (each, steps, dtype, how) =>
    expectProduct({ dtype, ...each, ...steps }, how),
  );
  fc.assert(law, { numRuns: 400 });
});

test("where nothing moves along k, every step counts once", () => {
  const left = { batch: 0, row: 1, depth: 0 };
  for (const column of [0, 1]) {
    const right = { batch: 0, depth: 0, column };
    for (const [rows, columns] of [
      [9, 20],
      [3, 40],
      [40, 40],
    ] as const) {
      for (const features of allFeatures)
        expectProduct({ dtype: "f32", batch: 1, rows, columns, depth: 17, left, right }, { features });
    }
  }
});

test("neither the order of chunks nor the number of threads changes a bit", () => {
  const reversed = (chunks: readonly number[]): readonly number[] => chunks.toReversed();
  // Where columns are kept, the same are met again after others.
  const inTurns = (chunks: readonly number[]): readonly number[] =>
    [0, 1, 2].flatMap((first) => chunks.filter((chunk) => chunk % 3 === first));
  for (const order of cases) {
    for (const each of [
      [130, 150, 600],
      [298, 301, 70],
      [20, 300, 209],
      [530, 530, 530],
      [1, 3000, 120],
    ] as const) {
      const [rows, columns, depth] = each;
      const product = dense("f32", { batch: 1, rows, columns, depth }, order);
      const operands = operandsOf(product);
      expect(writeProduct(product, plain, 8).chunks).toBeGreaterThan(1);
      const bits = run(product, operands, { threads: 1 });
      for (const options of [
        { order: reversed },
        { threads: 2 },
        { threads: 2, order: reversed },
        { threads: 2, order: inTurns },
        { threads: 8 },
      ]) {
        const others = run(product, operands, options);
        expect(Buffer.compare(Buffer.from(others.buffer), Buffer.from(bits.buffer))).toBe(0);
      }
    }
  }
});

test("every element of C belongs to one chunk", () => {
  const products = [
    ...cases.map((order) => dense("f32", { batch: 2, rows: 65, columns: 151, depth: 600 }, order)),
    dense("f32", { batch: 1, rows: 20, columns: 3, depth: 8000 }, "NT"), // a chunk has the last column alone
    dense("f32", { batch: 1, rows: 298, columns: 301, depth: 70 }, "TN"), // the last panel begins early
    dense("f32", { batch: 37, rows: 30, columns: 31, depth: 32 }, "NT"), // the last chunk has fewer batches
  ];
  for (const product of products) {
    const { chunks } = writeProduct(product, plain, 8); // each leaves NaN where it does not write
    const parts = Array.from({ length: chunks }, (_, i) =>
      run(product, operandsOf(product), { order: () => [i] }),
    );
    const writers = parts[0]!.map((_, i) => parts.filter((part) => !Number.isNaN(part[i]!)).length);
    expect(new Set(writers)).toEqual(new Set([1]));
  }
});

test("an element is summed in the same order wherever it lies", () => {
  // All rows of A are equal, and all columns of B, so that all elements of C are to be equal to the bit.
  for (const features of allFeatures) {
    for (const dtype of ["f32", "f64"] as const) {
      for (const [rows, columns, depth] of [
        [23, 45, 700],
        [3, 203, 97],
        [1, 203, 97],
        [203, 1, 97],
      ] as const) {
        const product: MatrixProduct = {
          ...dense(dtype, { batch: 1, rows, columns, depth }, "NN"),
          left: { batch: 0, row: 0, depth: 1 },
          right: { batch: 0, depth: 1, column: 0 },
        };
        expect(new Set(run(product, operandsOf(product), { features })).size).toBe(1);
      }
    }
  }
});
