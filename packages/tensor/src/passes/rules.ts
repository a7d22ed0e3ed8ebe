// The rules of `simplify`. Each keeps every value bit for bit, so some that one expects are missing: x + 0 and a sum
// over one element turn -0 into 0; x · 0, x - x and x / x hide NaN and infinities; 0 - x is not -x at 0;
// (x + y) + z and x · y + x · z round differently in another order; i32 → f64 → u32 saturates and i32 → u32 wraps.

import { isFloat, isInteger, type DType } from "../dtype.ts";
import type { GraphNode, NodeId } from "../graph.ts";
import type { NdArray } from "../ndarray.ts";
import type { DotAttributes } from "../primitives/contraction.ts";
import type { BlockAttributes } from "../primitives/movement.ts";
import { sameShape, type Shape } from "../shape.ts";
import type { Outcome } from "./sweep.ts";

type At = (id: NodeId) => GraphNode;
type Maybe = Outcome | undefined;

/** A rule with its reason. */
export interface SimplifyRule {
  readonly reason: string;
  /** @param at the node of an id, as it is by now */
  readonly match: (node: GraphNode, at: At) => Maybe;
  /** The primitives of the nodes that it looks at. */
  readonly on: readonly string[];
}

/** Constants of at most so many elements are made where they were not, and looked through. */
export const foldedElements = 16;

/** The number that a node is everywhere: a constant of equal elements, or one that is broadcast. */
function constantNumber(id: NodeId, at: At): number | undefined {
  let node = at(id);
  while (node.primitive === "broadcast") node = at(node.inputs[0]);
  if (node.primitive !== "constant") return undefined;
  const { data } = node.attributes["value"] as NdArray;
  // Larger ones are not looked through: they are data.
  if (data.length === 0 || data.length > foldedElements) return undefined;
  const [first] = data;
  return data.every((each) => Object.is(each, first)) ? first : undefined;
}

function aliasIf(holds: boolean, alias: NodeId): Maybe {
  return holds ? { alias } : undefined;
}

function become(node: GraphNode, primitive: string, inputs: readonly NodeId[], attributes = {}): Maybe {
  return { node: { ...node, primitive, inputs, attributes } };
}

const identity = (list: readonly number[]): boolean => list.every((axis, i) => axis === i);

/** The input of an input, where that is of the given primitive. */
function inner(node: GraphNode, at: At, primitive: string): GraphNode | undefined {
  const before = at(node.inputs[0]);
  return before.primitive === primitive ? before : undefined;
}

function twice(node: GraphNode, at: At): Maybe {
  const before = inner(node, at, node.primitive);
  return before && { alias: before.inputs[0] };
}

function neutralRight(node: GraphNode, at: At, is: (y: number) => boolean): Maybe {
  const [x, y] = node.inputs;
  const value = constantNumber(y, at);
  return value !== undefined && is(value) ? { alias: x } : undefined;
}

function mergedBlock(node: GraphNode, before: GraphNode): Maybe {
  const outer = node.attributes as BlockAttributes;
  const first = before.attributes as BlockAttributes;
  const start = outer.start.map((from, axis) => first.start[axis] + from * first.step[axis]);
  const step = outer.step.map((by, axis) => by * first.step[axis]);
  return become(node, "slice", before.inputs, { shape: outer.shape, start, step });
}

/** The operand of a dot product without its permutation, where the order of the free axes does not change. */
function unpermuted(node: GraphNode, at: At, side: 0 | 1): Maybe {
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

/** Whether a cast by way of `between` gives what the direct one does. */
function passesThrough(from: DType, between: DType, to: DType): boolean {
  if (isInteger(from)) return between === "f64" && (to === from || !isInteger(to));
  return from === "bool" || (from === "f32" && between === "f64");
}

function mergedReverse(node: GraphNode, before: GraphNode): Maybe {
  const [a, b] = [node.attributes["axes"] as number[], before.attributes["axes"] as number[]];
  const axes = [...a.filter((axis) => !b.includes(axis)), ...b.filter((axis) => !a.includes(axis))];
  return axes.length === 0 ? { alias: before.inputs[0] } : become(node, "reverse", before.inputs, { axes });
}

/** `x op (-y)` as `x other y`. */
function withoutNegation(node: GraphNode, at: At, other: string): Maybe {
  const [x, y] = node.inputs;
  const before = at(y);
  return before.primitive === "neg" ? become(node, other, [x, before.inputs[0]]) : undefined;
}

/** True for the number that leaves every x as it is when it is added. */
function isNeutralTerm(value: number | undefined, dtype: DType): boolean {
  return isFloat(dtype) ? Object.is(value, -0) : value === 0;
}

/** A reduction whose axes all have size 1. */
function unreduced(node: GraphNode, at: At): Maybe {
  const [x] = node.inputs;
  const { shape } = at(x);
  const axes = node.attributes["axes"] as readonly number[];
  if (axes.some((axis) => shape[axis] !== 1) || (node.primitive === "sum" && isFloat(node.dtype)))
    return undefined;
  return axes.length === 0 ? { alias: x } : become(node, "reshape", node.inputs, { shape: node.shape });
}

/** Every rule by name; the first that matches is taken, and then all are tried again. */
export const simplifyRules: Readonly<Record<string, SimplifyRule>> = {
  doubleNegation: { on: ["neg", "not"], reason: "twice is not at all", match: twice },
  absoluteOfSign: {
    on: ["abs"],
    reason: "|-x| = ||x|| = |x| for signed numbers",
    match: (node, at) => {
      const before = inner(node, at, "neg") ?? inner(node, at, "abs");
      return before && node.dtype !== "u32" ? become(node, "abs", before.inputs) : undefined;
    },
  },
  subtractNegated: {
    on: ["sub"],
    reason: "x - (-y) = x + y",
    match: (node, at) => withoutNegation(node, at, "add"),
  },
  addNegated: {
    on: ["add"],
    reason: "x + (-y) = x - y",
    match: (node, at) => withoutNegation(node, at, "sub"),
  },
  subtractZero: {
    on: ["sub"],
    reason: "x - 0 = x",
    match: (node, at) => neutralRight(node, at, (y) => Object.is(y, 0)),
  },
  addZero: {
    on: ["add"],
    reason: "x + (-0) = (-0) + x = x, and for integers 0 + x = x",
    match: ({ inputs: [x, y], dtype }, at) => {
      if (isNeutralTerm(constantNumber(y, at), dtype)) return { alias: x };
      return aliasIf(isNeutralTerm(constantNumber(x, at), dtype), y);
    },
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
    reason: "the dtype between holds every value of the first, so the direct cast gives the same",
    match: (node, at) => {
      const before = inner(node, at, "cast");
      if (before === undefined) return undefined;
      const direct = passesThrough(at(before.inputs[0]).dtype, before.dtype, node.dtype);
      return direct ? become(node, "cast", before.inputs, node.attributes) : undefined;
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
  axesOfSizeOne: {
    on: ["max", "min", "prod", "any", "all", "sum"],
    reason: "of one element nothing is combined; only the shape changes",
    match: unreduced,
  },
  idempotent: {
    on: ["floor", "ceil", "round", "sign", "stopGradient"],
    reason: "the second time changes nothing",
    match: (node, at) => aliasIf(inner(node, at, node.primitive) !== undefined, node.inputs[0]),
  },
  permuteIntoDot: {
    on: ["dot"],
    reason: "a product takes its axes in any order, so nothing need be transposed",
    match: (node, at) => unpermuted(node, at, 0) ?? unpermuted(node, at, 1),
  },
};
