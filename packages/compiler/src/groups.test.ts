import {
  add,
  exp,
  graph,
  input,
  matmul,
  mul,
  optimise,
  parameter,
  sub,
  sum,
  tanh,
  transpose,
  type Structure,
  type Tensor,
} from "@wengert/tensor";
import { expect, test } from "vitest";
import { bindSizes } from "./bind-sizes.ts";
import { groupNodes, type Grouping } from "./groups.ts";
import { findSources } from "./sources.ts";

const X = input("X", [30, 40]);
const W = parameter("W", [30, 40]);
const v = parameter("v", [30, 40]);

function groupsOf(outputs: Structure, updates: Readonly<Record<string, Tensor>> = {}): Grouping["groups"] {
  return groupNodes(findSources(optimise(bindSizes(graph(outputs, { updates }), {})))).groups;
}

const kindsOf = (groups: Grouping["groups"]): readonly string[] => groups.map(({ kind }) => kind);

test("a chain of any length is one loop, with the folds before and behind it", () => {
  let y: Tensor = X;
  for (let i = 0; i < 50; i++) y = tanh(add(y, i));
  expect(kindsOf(groupsOf(sum(mul(y, sum(X, 1, { keepDims: true })), 1)))).toEqual(["loop"]);
});

test("a loop of more than 400 steps is closed, and the next one goes on", () => {
  let y: Tensor = matmul(X, transpose(X));
  for (let i = 0; i < 900; i++) y = tanh(y);
  const groups = groupsOf(y);
  expect(kindsOf(groups)).toEqual(["single", "loop", "loop", "loop"]);
});

test("what feeds and constants give waits for the loop that needs it: momentum is one loop", () => {
  const gradient = matmul(X, matmul(transpose(X), X));
  const velocity = add(mul(v, 0.9), mul(gradient, 0.1));
  const groups = groupsOf({ cost: sum(X) }, { v: velocity, W: sub(W, mul(velocity, 0.01)) });
  const loops = groups.filter(({ kind }) => kind === "loop");
  // One for the cost, one for the updates.
  expect(loops).toHaveLength(2);
});

test("scalars of feeds alone run before all else, in one loop", () => {
  const rate = parameter("rate", []);
  const decay = parameter("decay", []);
  const [a, b] = [mul(rate, 0.9), exp(mul(decay, 2))];
  const product = matmul(X, transpose(X));
  const [first, ...others] = groupsOf({
    one: mul(product, a),
    two: mul(matmul(product, product), mul(a, b)),
  });
  expect(first).toMatchObject({ kind: "loop", sizes: [] });
  expect(kindsOf(others)).toEqual(["single", "loop", "single", "loop"]);
});

test("a value that a node sees at two points of the domain is computed before", () => {
  const square = input("square", [20, 20]);
  const e = exp(square);
  expect(kindsOf(groupsOf(sum(add(e, transpose(e)), 1)))).toEqual(["loop", "loop"]);
  expect(kindsOf(groupsOf(mul(tanh(e), transpose(e))))).toEqual(["loop", "loop"]);
});

test("every computed node is in one loop, after all that it needs", () => {
  const e = exp(X);
  const groups = groupsOf({ a: sum(e, 0), b: sum(e, 1), c: matmul(e, transpose(e)), d: add(e, W) });
  const places = new Map<string, number>();
  for (const [place, group] of groups.entries()) {
    if (group.kind === "single") places.set(group.id, place);
    else for (const id of group.members.keys()) places.set(id, place);
  }
  expect(places.size).toBe(5);
});

test("a node whose operand sees another of its operands from the other side is computed after both", () => {
  const square = input("square", [33, 33]);
  const e = tanh(square);
  const both = mul(exp(transpose(e)), e);
  const groups = groupsOf({ both, rows: sum(both, 1), turned: transpose(both) });
  const members = groups.flatMap((group) => (group.kind === "single" ? [] : [...group.members.keys()]));
  // tanh, exp, mul and sum, each once.
  expect(members).toHaveLength(4);
  expect(new Set(members).size).toBe(4);
  expect(groups.map(({ position }) => position)).toEqual(
    groups.map(({ position }) => position).toSorted((a, b) => a - b),
  );
});
