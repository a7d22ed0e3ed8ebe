// Every primitive of the table on the engine against the reference evaluator: small shapes of every kind, and large
// ones whose kernels run in chunks.

import {
  abs,
  cast,
  graph,
  input,
  interpret,
  isFloat,
  type Arrays,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { shapes } from "@wengert/autodiff/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { disagreement, sameBits, type Agreement } from "./agreement.ts";
import { randomFrom } from "./elements.ts";
import { engineCases, type EngineCase, type EngineSample } from "./primitive-samples.ts";
import { engine, programOf, standardEngine } from "./programs.ts";

const numRuns = Number(process.env["RUNS"] ?? 8);

/** The distance that transcendental functions may have, of the engine and of the reference together. */
const transcendental: Agreement = { kind: "ulps", ulps: 4 };

/** Shapes with axes of size 0, of size 1, and shorter and longer than vectors. */
const smallShapes = fc.oneof(
  shapes({ maxRank: 4 }),
  shapes({ maxRank: 3, minSize: 1, maxSize: 19, maxElements: 400 }),
  fc.constantFrom([0], [3, 0], [1], [1, 1], [4], [5, 1, 3], [8], [13], [2, 31], [33, 3]),
);

/** More elements than one chunk has, not all divisible by the lanes of a vector. */
const largeShapes = [[40_003], [7, 5717], [5717, 7], [33, 1, 1031], [1, 32_769, 1]] as const;

function feeds(inputs: readonly NdArray[]): Arrays {
  return Object.fromEntries(inputs.map((value, i) => [`x${i}`, value]));
}

function operands(inputs: readonly NdArray[]): Tensor[] {
  return inputs.map(({ shape, dtype }, i) => input(`x${i}`, shape, { dtype }));
}

/** The sums of the absolute terms, in f64. */
function termsOf({ inputs, build }: EngineSample): NdArray {
  const document = graph(build(operands(inputs).map((x) => (isFloat(x.dtype) ? abs(cast(x, "f64")) : x))));
  return interpret(document).run(feeds(inputs)).outputs["output"]!;
}

function agreementFor({ floats }: EngineCase, sample: EngineSample, dtype: NdArray["dtype"]): Agreement {
  if (!isFloat(dtype) || floats === "bits") return sameBits;
  if (floats === "ulps") return transcendental;
  return { kind: "terms", operations: sample.operations ?? 1, terms: termsOf(sample) };
}

/** Runs a sample on both engines. */
async function compare(each: EngineCase, sample: EngineSample): Promise<void> {
  const document = graph(sample.build(operands(sample.inputs)));
  const names = new Set(Object.values(document.nodes).map(({ attributes }) => attributes["name"]));
  const values = Object.fromEntries(Object.entries(feeds(sample.inputs)).filter(([name]) => names.has(name)));
  const wanted = interpret(document).run(values).outputs["output"]!;
  for (const on of [engine, standardEngine]) {
    const found = (await programOf(document, { on })).run(values).outputs["output"]!;
    expect(disagreement(found, wanted, agreementFor(each, sample, wanted.dtype))).toBeUndefined();
  }
}

const rows = Object.entries(engineCases).flatMap(([name, each]) =>
  each.dtypes.map((dtype) => [name, dtype, each] as const),
);

describe("an engine's values are those of the reference evaluator", () => {
  test.each(rows)("%s of %s, small", async (_, dtype, each) => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(smallShapes, fc.nat(), (shape, seed) =>
        compare(each, each.sample(dtype, shape, randomFrom(seed))),
      ),
      { numRuns },
    );
  });

  test.each(rows)("%s of %s, in chunks", async (name, dtype, each) => {
    expect.hasAssertions();
    const shape = largeShapes[(name.length + dtype.length) % largeShapes.length]!;
    await compare(each, each.sample(dtype, shape, randomFrom(name.length)));
  });
});
