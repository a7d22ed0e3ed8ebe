// The laws of derivatives over every primitive and every composite, and over random graphs.

import fc from "fast-check";
import * as tensor from "@wengert/tensor";
import { primitives, type Tensor } from "@wengert/tensor";
import { checkGradients, testOp, type OpUnderTest } from "@wengert/autodiff/check";
import { rules } from "@wengert/autodiff";
import { describe, expect, test } from "vitest";
import { randomGraph } from "../arbitraries/random-graph.ts";
import { compositeCases } from "./composite-cases.ts";
import { compositeFormulas } from "./composite-formulas.ts";
import type { Formula } from "./formulas.ts";
import { kinks } from "./kinks.ts";
import { primitiveCases } from "./primitive-cases.ts";
import { primitiveFormulas } from "./primitive-formulas.ts";
import { substitute } from "./substitute.ts";

const numRuns = Number(process.env["RUNS"] ?? 12);
const all = { ...compositeCases, ...primitiveCases };

const formulas: Readonly<Record<string, Formula | null>> = { ...compositeFormulas, ...primitiveFormulas };

const tested = Object.entries(all).flatMap(([name, each]) => ("samples" in each ? [{ name, each }] : []));

for (const { name, each } of tested) {
  // A formula takes the attributes of the case of its name.
  const reference = formulas[name] as OpUnderTest["reference"];
  testOp({ name, ...each, reference: reference!, kinks: kinks[name] ?? [] }, { numRuns });
}

test("every operation with a case has a formula of its value, and only known ones have kinks", () => {
  const names = tested.map(({ name }) => name);
  expect(names.filter((name) => typeof formulas[name] !== "function")).toEqual([]);
  const strangers = [...Object.keys(compositeFormulas), ...Object.keys(kinks)];
  expect(strangers.filter((name) => !names.includes(name))).toEqual([]);
});

describe("every primitive without a derivative", () => {
  const flat = Object.entries(primitiveCases).filter(([, each]) => "derivative" in each);

  test.each(flat)("%s: carries no derivative, or says why", (name, each) => {
    const rule = rules[name as keyof typeof rules];
    const reason = rule.reason === undefined ? "zero" : "none";
    expect("derivative" in each && (each.derivative === "source" ? "zero" : each.derivative)).toBe(reason);
    const out = { inputs: [], shape: [], dtype: "f32", attributes: {}, primitive: primitives.exp } as Tensor;
    if (reason === "zero") expect(rule.carries(out, 0)).toBe(false);
  });
});

test("every operation that @wengert/tensor exports has a case", () => {
  // What is not an operation on tensors: values, documents, shapes, errors.
  const others = new Set(
    `CompileError DerivativeError GraphError InputError ShapeError allocate apply array arrayFrom broadcastShapes
    binderOf bytesPerElement check concreteShape copyArray definePrimitive elements evaluate explain dimensionsOf feedsOf foldConstants
    formatArray formatNumber freeAxes fromJSON graph interpret isFloat isInteger isTensor labelOf named nodesOf normalAxes
    normalAxis optimise parse primitiveOf print rebuild removeDead requireDocument requireKnownFields requireSizes shownValue replay revert sameArray sameShape
    shareSubexpressions showShape simplify stridesOf structuralKeys threefryBits toJSON toNested toNumber topological`.split(
      /\s+/,
    ),
  );
  const functions = Object.entries(tensor).filter(([, value]) => typeof value === "function");
  const missing = functions
    .map(([name]) => name)
    .filter((name) => !others.has(name) && !Object.hasOwn(all, name));
  expect(missing).toEqual([]);
});

test("random graphs obey the laws, to the second order", () => {
  fc.assert(
    fc.property(
      randomGraph({ smooth: true, maxNodes: 40 }),
      fc.nat(1e6),
      ({ outputs, sources, values }, seed) => {
        fc.pre(outputs.length > 0);
        const out = outputs.at(-1) as Tensor;
        const inputs = sources.map((source) => values[source.attributes["name"] as string] as tensor.NdArray);
        const f = (...given: Tensor[]): Tensor => substitute(out, sources, given);
        expect(() => checkGradients(f, inputs, { seed, name: "random graph" })).not.toThrow();
      },
    ),
    { numRuns: numRuns * 4 },
  );
});
