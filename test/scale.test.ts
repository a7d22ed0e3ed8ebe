// Large graphs pass through everything: 100,000 nodes in a chain, 100,000 consumers of one node, 100,000 outputs, a
// concat of 10,000 parts. Nothing recurses along the graph, and nothing is quadratic; `pnpm run scale` has the times.

import { describe, expect, test } from "vitest";
import {
  add,
  check,
  concat,
  evaluate,
  explain,
  fromJSON,
  graph,
  input,
  interpret,
  mul,
  neg,
  optimise,
  parse,
  print,
  rebuild,
  removeDead,
  replay,
  revert,
  sameArray,
  slice,
  sum,
  tanh,
  toJSON,
  topological,
  toNested,
  type Graph,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { gradient } from "@wengert/autodiff";

const long = { timeout: 120_000 };
const x = input("x", [2], { dtype: "f64" });
const values = { x: [0.5, -0.25] };

/** Nodes in a chain, each made of the one before. */
function chain(length: number): Tensor {
  let last: Tensor = x;
  for (let i = 0; i < length; i++)
    last = i % 3 === 0 ? tanh(last) : i % 3 === 1 ? mul(last, x) : add(last, x);
  return last;
}

/** A node added to itself so many times. */
function multiple(consumers: number): Tensor {
  let last: Tensor = x;
  for (let i = 0; i < consumers; i++) last = add(last, x);
  return last;
}

function outputOf(document: Graph): NdArray {
  return interpret(document).run(values).outputs["output"] as NdArray;
}

/** Prints, parses, serialises, checks, optimises and evaluates the document. */
function expectPasses(document: Graph): void {
  const wanted = outputOf(document);
  const text = print(document);
  expect(text.split("\n").length).toBe(Object.keys(document.nodes).length + 2);
  expect(print(parse(text)) === text).toBe(true);
  expect(print(fromJSON(JSON.parse(JSON.stringify(toJSON(document))))) === text).toBe(true);
  expect(check(document) === document).toBe(true);
  const optimised = optimise(document);
  expect(sameArray(outputOf(optimised), wanted)).toBe(true);
  expect(print(graph(rebuild(document).outputs)) === text).toBe(true);
}

describe("a chain of 100,000 nodes", () => {
  test("is printed, parsed, serialised, checked, optimised and evaluated", long, () => {
    expectPasses(graph(chain(100_000)));
  });

  test("is differentiated, and the derivative evaluated", long, () => {
    const slope = gradient(sum(chain(100_000)), x);
    expect(topological([slope]).length).toBeGreaterThan(200_000);
    expect(toNested(evaluate(slope, values))).toEqual([expect.any(Number), expect.any(Number)]);
  });

  test("is shortened to nothing by passes that are recorded, replayed and reverted", long, () => {
    let last: Tensor = x;
    for (let i = 0; i < 100_000; i++) last = neg(last);
    const before = graph(last);
    const after = optimise(before);
    expect(print(after)).toBe('graph 1\n%x: f64[2] = input()\noutput "output" = %x');
    expect(explain(after).split("\n")[0]).toBe("optimise: 99999 rewrites");
    let replayed = before;
    for (const record of after.history) replayed = replay(replayed, record);
    expect(print(replayed) === print(after)).toBe(true);
    let back = after;
    for (const record of after.history.toReversed()) back = revert(back, record);
    expect(Object.keys(back.nodes).length).toBe(100_001);
    expect(sameArray(outputOf(check(back)), outputOf(before))).toBe(true);
  });
});

describe("a node with 100,000 consumers", () => {
  const document = graph(multiple(100_000));

  test("is printed, parsed, serialised, checked, optimised and evaluated", long, () => {
    expectPasses(document);
    expect(toNested(outputOf(document))).toEqual([50_000.5, -25_000.25]);
  });

  test("has a derivative", long, () => {
    expect(toNested(evaluate(gradient(sum(multiple(100_000)), x)))).toEqual([100_001, 100_001]);
  });

  test("stays alone when all of them are dead", long, () => {
    const outputs = { output: "%x" };
    expect(Object.keys(removeDead({ ...document, outputs }).nodes)).toEqual(["%x"]);
  });
});

test("100,000 outputs are computed, printed and parsed", long, () => {
  let last: Tensor = x;
  const document = graph(Array.from({ length: 100_000 }, () => (last = neg(last))));
  const text = print(document);
  expect(print(parse(text)) === text).toBe(true);
  const { outputs } = interpret(document).run(values);
  expect(toNested(outputs["99999"] as NdArray)).toEqual(values.x);
  expect(new Set(Object.values(outputs).map(({ data }) => data.buffer)).size).toBe(100_000);
});

describe("a concat of 10,000 parts", () => {
  const parts = Array.from({ length: 10_000 }, (_, i) => slice(mul(x, i), [[i % 2, (i % 2) + 1]]));
  const whole = concat(parts, 0);

  test("is printed, parsed, serialised, checked, optimised and evaluated", long, () => {
    expectPasses(graph(whole));
  });

  test("has a derivative", long, () => {
    expect(toNested(evaluate(gradient(sum(whole), x)))).toEqual([24_995_000, 25_000_000]);
  });
});
