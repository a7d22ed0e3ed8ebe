// A derivative rule serves both modes. One row a primitive, written with one of five constructors.
// In all rules: x, y are inputs, out the result, t a tangent, ct a cotangent, g either of the two.
// A missing tangent or cotangent (undefined) is a zero that is never built.

import {
  add,
  apply,
  DerivativeError,
  isFloat,
  isTensor,
  shownValue,
  zerosLike,
  type Attributes,
  type PrimitiveFamilies,
  type Tensor,
} from "@wengert/tensor";

/** A tangent or cotangent; undefined is zero. */
export type Maybe = Tensor | undefined;

/** How derivatives pass one node. */
export interface Rule {
  /** Whether a derivative can pass from input `index` to the node. */
  carries(out: Tensor, index: number): boolean;
  /** The tangent of the node for the tangents of its inputs. */
  jvp(out: Tensor, tangents: readonly Maybe[]): Maybe;
  /** The cotangents of the inputs for the cotangent of the node. */
  vjp(out: Tensor, ct: Tensor): readonly Maybe[];
  /** Why there is no derivative, where there is none. */
  readonly reason?: string;
}

/** A row for every primitive of a family. */
export type RuleFamily<F extends keyof PrimitiveFamilies> = Readonly<Record<PrimitiveFamilies[F], Rule>>;

/** What a rule may look at. */
export interface Point<A extends Attributes = Attributes> {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly inputs: readonly Tensor[];
  readonly out: Tensor;
  readonly attributes: A;
}

function pointOf<A extends Attributes>(out: Tensor): Point<A> {
  const { inputs } = out;
  // Rules of nullary primitives never look at x, nor rules of unary ones at y.
  const [x, y] = inputs as readonly [Tensor, Tensor];
  // A primitive's attributes have the type that its row declares.
  return { x, y, inputs, out, attributes: out.attributes as A };
}

/** The sum of the terms that are not zero. */
export function sumOf(terms: readonly Maybe[]): Maybe {
  let total: Maybe;
  for (const term of terms) if (term !== undefined) total = total === undefined ? term : add(total, term);
  return total;
}

/**
 * The rule of an operation whose Jacobian in each operand is diagonal, so that one function of `g` pushes forward and
 * pulls back.
 * @param partials one an operand: g times the partial derivative, of the operand's shape and dtype
 * @example
 * ```ts
 * import { cos, mul } from "@wengert/tensor";
 * import { elementwise } from "@wengert/autodiff";
 * // d sin = cos x
 * const sineRule = elementwise((g, { x }) => mul(g, cos(x)));
 * ```
 */
export function elementwise<A extends Attributes = Attributes>(
  ...partials: readonly ((g: Tensor, point: Point<A>) => Tensor)[]
): Rule {
  return {
    carries: () => true,
    jvp(out, tangents) {
      const point = pointOf<A>(out);
      return sumOf(tangents.map((t, i) => t && partialOf(out, partials[i]?.(t, point))));
    },
    vjp(out, ct) {
      const point = pointOf<A>(out);
      // One too many reads like one too few: the count is checked where the cotangents arrive.
      return partials.map((partial, i) => {
        const input = out.inputs[i];
        return input !== undefined && isFloat(input.dtype) ? partialOf(out, partial(ct, point)) : undefined;
      });
    },
  };
}

/** Undefined stands for zero elsewhere, so a function that forgets to return would be a derivative of zero. */
function partialOf({ primitive }: Tensor, partial: Maybe): Tensor {
  if (isTensor(partial)) return partial;
  throw new DerivativeError(
    `${primitive.name}: a partial derivative is a tensor, got ${shownValue(partial)}`,
  );
}

/** The cotangent of operand `index` of a linear operation. */
export type Transpose<A extends Attributes> = (ct: Tensor, point: Point<A>, index: number) => Tensor;

/**
 * The rule of an operation that is linear in every operand with a transpose rule, at fixed values of the operands with
 * null. The JVP is the operation itself. The last transpose rule serves all further operands.
 * @example
 * ```ts
 * import { reshape } from "@wengert/tensor";
 * import { linear } from "@wengert/autodiff";
 * // The transpose of a reshape is the reshape back.
 * const reshapeRule = linear((ct, { x }) => reshape(ct, x.shape));
 * ```
 */
export function linear<A extends Attributes = Attributes>(
  ...transposes: readonly (Transpose<A> | null)[]
): Rule {
  const transpose = (index: number): Transpose<A> | null =>
    transposes[Math.min(index, transposes.length - 1)] ?? null;
  return {
    carries: (_, index) => transpose(index) !== null,
    jvp(out, tangents) {
      const moving = tangents.some((t, i) => t !== undefined && transpose(i) !== null);
      if (!moving) return undefined;
      const operands = out.inputs.map((x, i) => (transpose(i) === null ? x : (tangents[i] ?? zerosLike(x))));
      return apply(out.primitive, operands, out.attributes);
    },
    vjp: (out, ct) => out.inputs.map((_, i) => transpose(i)?.(ct, pointOf<A>(out), i)),
  };
}

/**
 * The rule of an operation that is linear in each of two operands: the JVP follows by linearity, and each operand has
 * a transpose rule.
 */
export function bilinear<A extends Attributes = Attributes>(left: Transpose<A>, right: Transpose<A>): Rule {
  return {
    carries: () => true,
    jvp(out, [s, t]) {
      const { x, y } = pointOf(out);
      return sumOf([
        s && apply(out.primitive, [s, y], out.attributes),
        t && apply(out.primitive, [x, t], out.attributes),
      ]);
    },
    vjp: (out, ct) => [left(ct, pointOf(out), 0), right(ct, pointOf(out), 1)],
  };
}

/** The rule of a unary operation with JVP and VJP each written out: the one must be the transpose of the other. */
export function general<A extends Attributes = Attributes>(rule: {
  readonly jvp: (t: Tensor, point: Point<A>) => Tensor;
  readonly vjp: (ct: Tensor, point: Point<A>) => Tensor;
}): Rule {
  return {
    carries: () => true,
    jvp: (out, [t]) => t && rule.jvp(t, pointOf(out)),
    vjp: (out, ct) => [rule.vjp(ct, pointOf(out))],
  };
}

/** The derivative exists and is zero, almost everywhere. */
export const zeroDerivative: Rule = Object.freeze({
  carries: () => false,
  jvp: () => undefined,
  vjp: (out: Tensor) => out.inputs.map(() => undefined),
});

/** There is no derivative; asking for one is an error with this reason. */
export function noDerivative(reason: string): Rule {
  return { ...zeroDerivative, carries: () => true, reason };
}
