// The laws of graph documents and their passes, over random graphs.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  check,
  explain,
  foldConstants,
  fromJSON,
  graph,
  interpret,
  optimise,
  passes,
  parse,
  print,
  rebuild,
  removeDead,
  replay,
  revert,
  sameArray,
  shareSubexpressions,
  simplify,
  sum,
  toJSON,
  type Graph,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { gradient } from "@wengert/autodiff";
import { randomGraph, type RandomGraph } from "./arbitraries/random-graph.ts";

const runs = { numRuns: Number(process.env["RUNS"] ?? 300) };

/** The values that the graph needs of those that there are. */
function valuesFor(document: Graph, { values }: RandomGraph): Record<string, NdArray> {
  const names = new Set(Object.values(document.nodes).map(({ attributes }) => attributes["name"]));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

function run(document: Graph, random: RandomGraph): Readonly<Record<string, NdArray>> {
  return interpret(document).run(valuesFor(document, random)).outputs;
}

function expectSame(got: Readonly<Record<string, NdArray>>, wanted: Readonly<Record<string, NdArray>>): void {
  expect(Object.keys(got)).toEqual(Object.keys(wanted));
  for (const [name, value] of Object.entries(wanted)) {
    expect(
      sameArray(got[name] as NdArray, value),
      `${name}: ${String(got[name])} is not ${String(value)}`,
    ).toBe(true);
  }
}

/** Paths to what is not frozen; elements of arrays never are. */
function unfrozen(value: object, path = ""): readonly string[] {
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    if (typeof part !== "object" || part === null || ArrayBuffer.isView(part)) return [];
    const here = `${path}.${key}`;
    return [...(Object.isFrozen(part) ? [] : [here]), ...unfrozen(part, here)];
  });
}

function forAll(law: (document: Graph, random: RandomGraph) => void): void {
  fc.assert(
    fc.property(randomGraph(), (random) => {
      fc.pre(random.outputs.length > 0);
      law(graph(random.outputs), random);
    }),
    runs,
  );
}

describe("a random graph", () => {
  test("is well formed", () => {
    forAll((document) => {
      expect(check(document)).toBe(document);
    });
  });

  test("is itself after printing and parsing, and its text too", () => {
    forAll((document, random) => {
      const text = print(document);
      const again = parse(text);
      expect(print(again)).toBe(text);
      expect(again.nodes).toEqual(document.nodes);
      expectSame(run(again, random), run(document, random));
    });
  });

  test("is itself after JSON", () => {
    forAll((document, random) => {
      const again = fromJSON(JSON.parse(JSON.stringify(toJSON(document))));
      expect(print(again)).toBe(print(document));
      expectSame(run(again, random), run(document, random));
    });
  });

  test("is the same graph after rebuilding its nodes", () => {
    forAll((document) => {
      const { outputs } = rebuild(document);
      expect(Object.keys(graph(outputs).nodes).length).toBe(Object.keys(document.nodes).length);
    });
  });
});

describe.each([
  ["simplify", simplify],
  ["foldConstants", foldConstants],
  ["shareSubexpressions", shareSubexpressions],
  ["removeDead", removeDead],
  ["optimise", optimise],
])("%s", (_, pass) => {
  test("keeps every value, bit for bit, and the graph well formed", () => {
    forAll((document, random) => {
      const after = check(pass(document));
      expectSame(run(after, random), run(document, random));
    });
  });

  test("is recorded by patches that lead there and back", () => {
    forAll((document) => {
      const after = pass(document);
      let replayed = document;
      for (const record of after.history) replayed = replay(replayed, record);
      expect(replayed.nodes).toEqual(after.nodes);
      expect(replayed.outputs).toEqual(after.outputs);
      let back = after;
      for (const record of after.history.toReversed()) back = check(revert(back, record));
      expect(back.nodes).toEqual(document.nodes);
      expect(back.outputs).toEqual(document.outputs);
    });
  });

  test("gives a document that is frozen throughout", () => {
    forAll((document) => {
      const { nodes, outputs, updates, history } = pass(document);
      expect(unfrozen({ nodes, outputs, updates, history })).toEqual([]);
    });
  });

  test("leaves its own result as it is", () => {
    forAll((document) => {
      const after = pass(document);
      expect(pass(after)).toBe(after);
    });
  });

  test("leaves untouched nodes identical, and an untouched graph too", () => {
    forAll((document) => {
      const after = pass(document);
      const changed = new Set(
        after.history.flatMap(({ patches }) => patches.map(({ path }) => path.join("."))),
      );
      for (const id of Object.keys(after.nodes))
        expect(changed.has(`nodes.${id}`) || after.nodes[id] === document.nodes[id], id).toBe(true);
      expect(after === document).toBe(after.history.length === 0);
    });
  });
});

test("optimise: leaves nothing for any of its passes", () => {
  forAll((document) => {
    const after = optimise(document);
    for (const pass of passes) expect(pass(after)).toBe(after);
    expect(explain(after).split("\n").length).toBeGreaterThan(0);
  });
});

test("optimise: keeps gradients", () => {
  fc.assert(
    fc.property(randomGraph({ smooth: true }), (random) => {
      fc.pre(random.outputs.length > 0);
      const last = random.outputs.at(-1) as Tensor;
      const document = graph(last);
      const gradientsOf = (output: Tensor): Graph => graph(gradient(sum(output), random.sources));
      const after = gradientsOf(rebuild(optimise(document)).outputs["output"] as Tensor);
      const [wanted, got] = [run(gradientsOf(last), random), run(after, random)];
      for (const [name, value] of Object.entries(wanted)) {
        for (const [i, x] of value.data.entries()) {
          // The same products in another order: a few roundings of the terms, which stay near 1.
          expect(Math.abs((got[name]?.data[i] ?? Number.NaN) - x)).toBeLessThanOrEqual(
            1e-11 * (1 + Math.abs(x)),
          );
        }
      }
    }),
    runs,
  );
});
