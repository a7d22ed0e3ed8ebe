// Function transformations: sugar over `gradient`, `pullback` and `pushforward` for functions of tensors. A function
// is differentiated by its arguments alone: what else it uses, be it the same node, is held fixed.

import type { Structure, Tensor } from "@wengert/tensor";
import { gradientsOf, type GradientOf } from "./gradient.ts";
import { pullbackIn } from "./pullback.ts";
import { pushforwardIn } from "./pushforward.ts";
import { sourcesByIdentity } from "./sources.ts";
import { flatten, requireTensorList, tensorsLike, valueOf } from "./structure.ts";
import { twinsOf } from "./twins.ts";

/** A scalar function of a tensor, a list or a record, with further arguments that are held fixed. */
export type Cost<W extends Structure, Rest extends readonly unknown[]> = (wrt: W, ...rest: Rest) => Tensor;

/**
 * The function that gives the gradient of `f` with respect to its first argument, in the argument's structure.
 * @throws DerivativeError (the function) as `gradient` does.
 * @example
 * ```ts
 * import { evaluate, mul, parameter, sum } from "@wengert/tensor";
 * import { grad } from "@wengert/autodiff";
 * const x = parameter("x", [2]);
 * const slope = grad((t: typeof x) => sum(mul(t, t)));
 * console.log(String(evaluate(slope(x), { x: [1, 2] })));
 * ```
 * ```text
 * f32[2]
 * [2, 4]
 * ```
 */
export function grad<W extends Structure, Rest extends readonly unknown[]>(
  f: Cost<W, Rest>,
): (wrt: W, ...rest: Rest) => GradientOf<W> {
  const both = valueAndGrad(f);
  return (wrt, ...rest) => both(wrt, ...rest).gradient;
}

/**
 * The function that gives the value of `f` and its gradient with respect to its first argument, in its structure.
 * @throws DerivativeError (the function) as `gradient` does.
 */
export function valueAndGrad<W extends Structure, Rest extends readonly unknown[]>(
  f: Cost<W, Rest>,
): (wrt: W, ...rest: Rest) => { readonly value: Tensor; readonly gradient: GradientOf<W> } {
  return (wrt, ...rest) => {
    const { tensors, rebuild } = flatten("gradient", wrt);
    const { twins, restore } = twinsOf(tensors);
    const cost = valueOf("gradient", f, rebuild(twins) as W, ...rest);
    const gradients = gradientsOf(cost, twins, sourcesByIdentity);
    const [value, ...slopes] = restore([cost, ...gradients]);
    return { value: value as Tensor, gradient: rebuild(slopes) as GradientOf<W> };
  };
}

/**
 * The value of `f`, and the function from a cotangent of the value to the cotangents of the inputs.
 * @param primals where the Jacobian is taken
 * @throws DerivativeError (the function) when the cotangent has not the shape and dtype of the value.
 * @example
 * ```ts
 * import { constant, evaluate, mul, parameter } from "@wengert/tensor";
 * import { vjp } from "@wengert/autodiff";
 * const [x, y] = [parameter("x", [2]), parameter("y", [2])];
 * const { pullback } = vjp((a: typeof x, b: typeof y) => mul(a, b), [x, y]);
 * const [dx] = pullback(constant([1, 10]));
 * console.log(String(evaluate(dx, { y: [3, 4] })));
 * ```
 * ```text
 * f32[2]
 * [ 3, 40]
 * ```
 */
export function vjp<const P extends readonly Tensor[]>(
  f: (...inputs: P) => Tensor,
  primals: P,
): {
  readonly value: Tensor;
  /** The cotangents of the primals, in their order, for a cotangent of the value. */
  readonly pullback: (cotangent: Tensor) => { readonly [K in keyof P]: P[K] };
} {
  requireTensorList("vjp", "primals", primals);
  const { twins, restore } = twinsOf(primals);
  const value = valueOf("vjp", f, ...twins);
  return {
    value: restore([value])[0] as Tensor,
    pullback: (cotangent) => {
      const cotangents = pullbackIn("vjp", [value], [cotangent], twins, sourcesByIdentity);
      // One cotangent for each primal, in order.
      return restore(cotangents) as { readonly [K in keyof P]: P[K] };
    },
  };
}

/**
 * The value of `f` and its tangent: the Jacobian times the tangents.
 * @param primals where the Jacobian is taken
 * @param tangents one for each primal, of its shape and dtype
 * @throws DerivativeError when a tangent has another type, or something on the way has no derivative.
 * @example
 * ```ts
 * import { constant, evaluate, mul, parameter } from "@wengert/tensor";
 * import { jvp } from "@wengert/autodiff";
 * const x = parameter("x", [2]);
 * const { tangent } = jvp((t: typeof x) => mul(t, t), [x], [constant([1, 0])]);
 * console.log(String(evaluate(tangent, { x: [3, 4] })));
 * ```
 * ```text
 * f32[2]
 * [6, 0]
 * ```
 */
export function jvp<const P extends readonly Tensor[]>(
  f: (...inputs: P) => Tensor,
  primals: P,
  tangents: { readonly [K in keyof P]: Tensor },
): { readonly value: Tensor; readonly tangent: Tensor } {
  requireTensorList("jvp", "primals", primals);
  const { twins, restore } = twinsOf(primals);
  const out = valueOf("jvp", f, ...twins);
  const pushed = pushforwardIn("jvp", twins, tangents, [out], sourcesByIdentity);
  const [value, tangent] = restore([out, ...pushed]);
  return { value: value as Tensor, tangent: tangent as Tensor };
}

/**
 * The Hessian of `f` times a vector, without the Hessian: the gradient's tangent (Pearlmutter 1994).
 * @param direction the structure and types of `at`
 * @throws DerivativeError when the cost is not a scalar, or the direction does not fit.
 */
export function hvp<W extends Structure>(
  f: (wrt: W) => Tensor,
  at: W,
  direction: GradientOf<W>,
): GradientOf<W> {
  const { tensors, rebuild } = flatten("hvp", at);
  const tangents = tensorsLike("hvp", direction, at);
  const { twins, restore } = twinsOf(tensors);
  const slopes = gradientsOf(valueOf("hvp", f, rebuild(twins) as W), twins, sourcesByIdentity);
  return rebuild(restore(pushforwardIn("hvp", twins, tangents, slopes, sourcesByIdentity))) as GradientOf<W>;
}
