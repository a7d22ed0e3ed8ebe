// Records of passes lead there and back, however many inputs a node has.

import { expect, test } from "vitest";
import { check } from "../check.ts";
import { explain } from "../explain.ts";
import { graph, type Graph } from "../graph.ts";
import { concat } from "../ops/blocks.ts";
import { neg } from "../ops/elementwise.ts";
import { constant, input } from "../ops/source.ts";
import { optimise } from "./optimise.ts";
import { replay, revert, type PassRecord } from "./pass.ts";

const lastRecord = ({ history }: Graph): PassRecord => history.at(-1) as PassRecord;

test("revert: brings back a node with more inputs than a call takes arguments, after its inputs", () => {
  const part = constant([1]);
  const before = graph(neg(neg(concat(new Array<typeof part>(150_000).fill(part), 0))));
  let back = optimise(before);
  expect(Object.keys(back.nodes).length).toBe(1);
  for (const record of back.history.toReversed()) back = revert(back, record);
  expect(check(back).nodes).toEqual(before.nodes);
  expect(back.outputs).toEqual(before.outputs);
});

test("replay and revert: lead from the graph before a pass to the one after it, and back", () => {
  const before = graph(neg(neg(neg(input("x", [2])))));
  const after = optimise(before);
  let replayed = before;
  for (const record of after.history) replayed = replay(replayed, record);
  expect(replayed.nodes).toEqual(after.nodes);
  const back = revert(after, lastRecord(after));
  expect(replay(back, lastRecord(after)).nodes).toEqual(after.nodes);
});

test("replay and revert: the history is that of the graph", () => {
  const before = graph([neg(neg(input("x", [2]))), neg(constant([1, 2]))]);
  const after = optimise(before);
  expect(after.history.length).toBeGreaterThan(1);
  let replayed = before;
  for (const record of after.history) replayed = replay(replayed, record);
  expect(replayed.history).toEqual(after.history);
  let back = after;
  while (back.history.length > 0) back = revert(back, lastRecord(back));
  expect(explain(back)).toBe("no pass has changed this graph");
  expect(optimise(back).history.map(({ pass }) => pass)).toEqual(after.history.map(({ pass }) => pass));
});

test("replay and revert: refuse a record out of its turn, and what is none", () => {
  const after = optimise(graph([neg(neg(input("x", [2]))), neg(constant([1, 2]))]));
  const [first] = after.history as [PassRecord];
  expect(() => revert(after, first)).toThrow("must be the last of the graph's history, got an earlier one");
  const before = revert(after, lastRecord(after));
  expect(() => revert(before, lastRecord(after))).toThrow("got one that is not there");
  expect(() => replay(after, first)).toThrow(`a record is applied once, got that of ${first.pass} again`);
  for (const call of [replay, revert]) {
    expect(() => call(after, undefined as never)).toThrow("a record is one of the graph's history");
    expect(() => call(5 as never, first)).toThrow("a graph document is needed, got 5");
  }
});

test("records are frozen, patches too", () => {
  const { patches, inversePatches } = lastRecord(optimise(graph(neg(neg(input("x", [2]))))));
  for (const list of [patches, inversePatches]) {
    expect(Object.isFrozen(list)).toBe(true);
    expect(list.every((patch) => Object.isFrozen(patch) && Object.isFrozen(patch.path))).toBe(true);
  }
});
