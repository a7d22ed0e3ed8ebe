// A document from outside may be broken anywhere: what is read of it is a well-formed graph, or a GraphError says why not.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  add,
  concat,
  cumulativeSum,
  fromJSON,
  gather,
  graph,
  GraphError,
  input,
  matmul,
  mul,
  named,
  optimise,
  parameter,
  parse,
  print,
  randomKey,
  relu,
  slice,
  sum,
  toJSON,
  transpose,
  uniform,
} from "@wengert/tensor";

const runs = { numRuns: Number(process.env["RUNS"] ?? 1500) };

const X = input("X", [3, "m"]);
const W = parameter("W", [4, 3]);
const b = parameter("b", [4, 1]);
const picked = gather(W, input("i", [2], { dtype: "i32" }));
const document = graph(
  {
    cost: sum(relu(named("Z 1", add(matmul(W, X), b)))),
    rows: concat([picked, slice(W, [[0, 2]])], 0),
    sums: cumulativeSum(transpose(W), 0),
    noise: uniform(randomKey(3), [2, 2]),
  },
  { updates: { b: mul(b, Number.NaN) } },
);

/** Holds of what was read; whatever else is thrown than a GraphError fails the test. */
function expectGraphOrRefusal(read: () => ReturnType<typeof parse>): void {
  let got: ReturnType<typeof parse>;
  try {
    got = read();
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
    return;
  }
  const text = print(got);
  expect(print(parse(text))).toBe(text);
  optimise(got);
}

const marks = '% # " \\ ( ) [ ] { } , = : - é \u0000';
const words =
  "%X nan inf 1e9 99999999999999999999 -1 0.5 output update constructor __proto__ true null f32[ graph";
const pieces = [..."\n\r\t".split(""), ...marks.split(" "), ...words.split(" ")];

test("parse: reads a text with random changes or says what is wrong", () => {
  const whole = print(document);
  const change = fc.record({
    at: fc.nat(whole.length),
    cut: fc.nat(5),
    piece: fc.constantFrom("", ...pieces),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const text = changes.reduce(
        (now, { at, cut, piece }) => now.slice(0, at) + piece + now.slice(at + cut),
        whole,
      );
      expectGraphOrRefusal(() => parse(text));
    }),
    runs,
  );
});

type Place = readonly [holder: Record<string, unknown>, key: string];

/** Every place of a JSON value that holds another. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...placesIn(holder[key])]);
}

const junk: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  "",
  "%X",
  "f32",
  "constructor",
  "__proto__",
  [],
  {},
  [0],
  [-1],
  [0, 0],
  ["m"],
  [[]],
  [null],
  { $array: {} },
  { $number: "NaN" },
  { $number: 1 },
  { $array: { dtype: "f32", shape: [1e9, 1e9], base64: "" } },
  { $array: { dtype: "bool", shape: [1], base64: "/w==" } },
];

test("fromJSON: reads a document with random changes or says what is wrong", () => {
  const whole = JSON.stringify(toJSON(document));
  const change = fc.record({ at: fc.nat(1_000_000), value: fc.constantFrom(undefined, ...junk) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const value = JSON.parse(whole) as unknown;
      for (const { at, value: other } of changes) {
        const places = placesIn(value);
        const [holder, key] = places[at % places.length] as Place;
        if (other === undefined) delete holder[key];
        else holder[key] = structuredClone(other);
      }
      expectGraphOrRefusal(() => fromJSON(value));
    }),
    runs,
  );
});
