// Records of passes lead there and back, however many inputs a node has.

import { expect, test } from "vitest";
import { check } from "../check.ts";
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
