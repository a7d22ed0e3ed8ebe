// The rules of `simplify`. Each keeps every value bit for bit, so some that one expects are missing: x + 0 turns -0
// into 0, x · 0 hides NaN and infinities, and a sum over one element does too what x + 0 does.

import { isFloat, isInteger } from "../dtype.ts";
import type { GraphNode, NodeId } from "../graph.ts";
import type { NdArray } from "../ndarray.ts";
import type { DotAttributes } from "../primitives/contraction.ts";
import type { BlockAttributes } from "../primitives/movement.ts";
import { sameShape, type Shape } from "../shape.ts";

/** What a node becomes: another node that exists, or another content. */
export type Outcome = { readonly alias: NodeId } | { readonly node: GraphNode } | undefined;

/** A rule with its reason. */
export interface SimplifyRule {
  readonly reason: string;
  /** @param at the node of an id, as it is by now */
  readonly match: (node: GraphNode, at: (id: NodeId) => GraphNode) => Outcome;
}

type At = (id: NodeId) => GraphNode;

/** The number that a node is everywhere: a scalar constant, or one that is broadcast. */
function constantNumber(id: NodeId, at: At): number | undefined {
  const node = at(id);
  if (node.primitive === "broadcast") return constantNumber(node.inputs[0], at);
  const value = node.attributes["value"] as NdArray | undefined;
  return node.primitive === "constant" && value?.data.length === 1 ? value.data[0] : undefined;
}

function aliasIf(holds: boolean, alias: NodeId): Outcome {
  return holds ? { alias } : undefined;
}

function become(node: GraphNode, primitive: string, inputs: readonly NodeId[], attributes = {}): Outcome {
  return { node: { ...node, primitive, inputs, attributes } };
}

const identity = (list: readonly number[]): boolean => list.every((axis, i) => axis === i);

/** The input of an input, where that is of the given primitive. */
function inner(node: GraphNode, at: At, primitive: string): GraphNode | undefined {
  const before = at(node.inputs[0]);
  return before.primitive === primitive ? before : undefined;
}

function twice(node: GraphNode, at: At): Outcome {
  const before = inner(node, at, node.primitive);
  return before && { alias: before.inputs[0] };
}

function neutralRight(node: GraphNode, at: At, is: (y: number) => boolean): Outcome {
  const [x, y] = node.inputs;
  const value = constantNumber(y, at);
  return value !== undefined && is(value) ? { alias: x } : undefined;
}

function mergedBlock(node: GraphNode, before: GraphNode): Outcome {
  const outer = node.attributes as BlockAttributes;
  const first = before.attributes as BlockAttributes;
  const start = outer.start.map((from, axis) => first.start[axis] + from * first.step[axis]);
  const step = outer.step.map((by, axis) => by * first.step[axis]);
  return become(node, "slice", before.inputs, { shape: outer.shape, start, step });
}

/** The operand of a dot product without its permutation, where the order of the free axes does not change. */
function unpermuted(node: GraphNode, at: At, side: 0 | 1): Outcome {
  const before = at(node.inputs[side]);
  if (before.primitive !== "permute") return undefined;
  const order = before.attributes["order"] as readonly number[];
  const { contract, batch } = node.attributes as DotAttributes;
  const free = order.filter((_, axis) => !contract[side].includes(axis) && !batch[side].includes(axis));
  if (free.some((axis, i) => i > 0 && axis < free[i - 1])) return undefined;
  const mapped = (pairs: DotAttributes["batch"]): DotAttributes["batch"] => {
    const axes = pairs[side].map((axis) => order[axis]);
    return side === 0 ? [axes, pairs[1]] : [pairs[0], axes];
  };
  const inputs = node.inputs.map((id, i) => (i === side ? before.inputs[0] : id));
  return become(node, "dot", inputs, { contract: mapped(contract), batch: mapped(batch) });
}

/** Whether every value of the first dtype survives a cast to the second. */
function widens(from: GraphNode["dtype"], to: GraphNode["dtype"]): boolean {
  return (
    from === to || (from === "f32" && to === "f64") || from === "bool" || (isInteger(from) && to === "f64")
  );
}

function mergedReverse(node: GraphNode, before: GraphNode): Outcome {
  const [a, b] = [node.attributes["axes"] as number[], before.attributes["axes"] as number[]];
  const axes = [...a.filter((axis) => !b.includes(axis)), ...b.filter((axis) => !a.includes(axis))];
  return axes.length === 0 ? { alias: before.inputs[0] } : become(node, "reverse", before.inputs, { axes });
}

function sub(node: GraphNode, at: At): Outcome {
  const [x, y] = node.inputs;
  const before = at(y);
  return before.primitive === "neg" ? become(node, "add", [x, before.inputs[0]]) : undefined;
}

function add(node: GraphNode, at: At): Outcome {
  const [x, y] = node.inputs;
  const before = at(y);
  return before.primitive === "neg" ? become(node, "sub", [x, before.inputs[0]]) : undefined;
}

/** Every rule by name; the first that matches is taken, and then all are tried again. */
export const simplifyRules: Readonly<Record<string, SimplifyRule & { readonly on: readonly string[] }>> = {
  doubleNegation: { on: ["neg", "not"], reason: "twice is not at all", match: twice },
  absoluteOfSign: {
    on: ["abs"],
    reason: "|-x| = |x|",
    match: (node, at) => {
      const before = inner(node, at, "neg") ?? inner(node, at, "abs");
      return before && become(node, "abs", before.inputs);
    },
  },
  subtractNegated: { on: ["sub"], reason: "x - (-y) = x + y", match: sub },
  addNegated: { on: ["add"], reason: "x + (-y) = x - y", match: add },
  subtractZero: {
    on: ["sub"],
    reason: "x - 0 = x",
    match: (node, at) => neutralRight(node, at, (y) => Object.is(y, 0)),
  },
  addZero: {
    on: ["add"],
    reason: "x + (-0) = x, and for integers x + 0 = x",
    match: (node, at) => neutralRight(node, at, (y) => (isFloat(node.dtype) ? Object.is(y, -0) : y === 0)),
  },
  neutralFactor: {
    on: ["mul", "div", "pow"],
    reason: "x · 1 = x / 1 = x¹ = x",
    match: (node, at) => neutralRight(node, at, (y) => y === 1),
  },
  neutralFactorLeft: {
    on: ["mul"],
    reason: "1 · x = x",
    match: (node, at) => aliasIf(constantNumber(node.inputs[0], at) === 1, node.inputs[1]),
  },
  negativeFactor: {
    on: ["mul"],
    reason: "x · (-1) = -x",
    match: (node, at) =>
      constantNumber(node.inputs[1], at) === -1 && node.dtype !== "u32"
        ? become(node, "neg", [node.inputs[0]])
        : undefined,
  },
  equalOperands: {
    on: ["maximum", "minimum", "and", "or"],
    reason: "of two equal operands either is the result",
    match: ({ inputs: [x, y] }) => aliasIf(x === y, x),
  },
  knownCondition: {
    on: ["select"],
    reason: "the condition is constant, or both branches are one",
    match: ({ inputs: [condition, x, y] }, at) => {
      if (x === y) return { alias: x };
      const value = constantNumber(condition, at);
      return value === undefined ? undefined : { alias: value === 0 ? y : x };
    },
  },
  sameDtype: {
    on: ["cast"],
    reason: "the dtype is the same already",
    match: (node, at) => aliasIf(at(node.inputs[0]).dtype === node.dtype, node.inputs[0]),
  },
  doubleCast: {
    on: ["cast"],
    reason: "the dtype between holds every value of the first",
    match: (node, at) => {
      const before = inner(node, at, "cast");
      if (before === undefined || !widens(at(before.inputs[0]).dtype, before.dtype)) return undefined;
      return become(node, "cast", before.inputs, node.attributes);
    },
  },
  sameShape: {
    on: ["reshape", "broadcast", "slice", "pad"],
    reason: "the shape is the same already",
    match: (node, at) => aliasIf(sameShape(at(node.inputs[0]).shape, node.shape), node.inputs[0]),
  },
  doubleReshape: {
    on: ["reshape"],
    reason: "only the last shape counts",
    match: (node, at) => {
      const before = inner(node, at, "reshape");
      return before && become(node, "reshape", before.inputs, node.attributes);
    },
  },
  identityPermute: {
    on: ["permute"],
    reason: "every axis stays where it is",
    match: (node) => aliasIf(identity(node.attributes["order"] as number[]), node.inputs[0]),
  },
  doublePermute: {
    on: ["permute"],
    reason: "two orders make one",
    match: (node, at) => {
      const before = inner(node, at, "permute");
      const first = before?.attributes["order"] as readonly number[] | undefined;
      const order = (node.attributes["order"] as number[]).map((axis) => first?.[axis] ?? axis);
      return before && become(node, "permute", before.inputs, { order });
    },
  },
  doubleBroadcast: {
    on: ["broadcast"],
    reason: "two broadcasts make one",
    match: (node, at) => {
      const before = inner(node, at, "broadcast");
      const outer = node.attributes["axes"] as readonly number[];
      const axes = (before?.attributes["axes"] as readonly number[] | undefined)?.map((axis) => outer[axis]);
      return (
        before && become(node, "broadcast", before.inputs, { shape: node.attributes["shape"] as Shape, axes })
      );
    },
  },
  doubleReverse: {
    on: ["reverse"],
    reason: "an axis reversed twice is as it was",
    match: (node, at) => {
      const before = inner(node, at, "reverse");
      return before && mergedReverse(node, before);
    },
  },
  doubleSlice: {
    on: ["slice"],
    reason: "a block of a block is a block",
    match: (node, at) => {
      const before = inner(node, at, "slice");
      return before && mergedBlock(node, before);
    },
  },
  singlePart: {
    on: ["concat"],
    reason: "one part alone is the whole",
    match: (node) => aliasIf(node.inputs.length === 1, node.inputs[0]),
  },
  noAxes: {
    on: ["max", "min", "prod", "any", "all"],
    reason: "nothing is reduced",
    match: (node) => aliasIf((node.attributes["axes"] as number[]).length === 0, node.inputs[0]),
  },
  permuteIntoDot: {
    on: ["dot"],
    reason: "a product takes its axes in any order, so nothing need be transposed",
    match: (node, at) => unpermuted(node, at, 0) ?? unpermuted(node, at, 1),
  },
};
