// The laws of derivatives over every primitive and every composite, and over random graphs.

import fc from "fast-check";
import * as tensor from "@wengert/tensor";
import { primitives, type Tensor } from "@wengert/tensor";
import { checkGradients, singlePrecisionAgrees, testOp } from "@wengert/autodiff/check";
import { rules } from "@wengert/autodiff";
import { describe, expect, test } from "vitest";
import { randomGraph } from "../arbitraries/random-graph.ts";
import { compositeCases } from "./composite-cases.ts";
import { primitiveCases } from "./primitive-cases.ts";

const numRuns = Number(process.env["RUNS"] ?? 12);
const all = { ...compositeCases, ...primitiveCases };

for (const [name, each] of Object.entries(all)) if ("samples" in each) testOp({ name, ...each }, { numRuns });

const smooth = Object.entries(all).flatMap(([name, each]) => ("samples" in each ? [{ name, each }] : []));

test.each(smooth)("$name: f32 agrees with f64", ({ name, each }) => {
  const law = fc.property(each.samples, fc.nat(2 ** 31), ({ inputs, attributes }, seed) => {
    const f = (...nodes: Tensor[]): Tensor => each.f(nodes, attributes);
    expect(() => singlePrecisionAgrees({ name, inputs, f }, seed)).not.toThrow();
  });
  fc.assert(law, { numRuns });
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
    bytesPerElement check concreteShape copyArray definePrimitive elements evaluate explain feedsOf foldConstants
    formatArray formatNumber freeAxes fromJSON graph interpret isFloat isInteger isTensor labelOf named normalAxes
    normalAxis optimise parse primitiveOf print rebuild removeDead replay revert sameArray sameShape
    shareSubexpressions showShape simplify structuralKeys threefryBits toJSON toNested toNumber topological`.split(
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

/** The same graph on other sources. */
function substitute(out: Tensor, sources: readonly Tensor[], given: readonly Tensor[]): Tensor {
  const known = new Map(sources.map((source, i) => [source, given[i] as Tensor]));
  for (const node of tensor.topological([out])) {
    if (known.has(node)) continue;
    known.set(
      node,
      tensor.apply(
        node.primitive,
        node.inputs.map((input) => known.get(input) as Tensor),
        node.attributes,
      ),
    );
  }
  return known.get(out) as Tensor;
}
