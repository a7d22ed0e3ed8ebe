// Function transformations: sugar over `gradient`, `pullback` and `pushforward` for functions of tensors.

import { type Structure, type Tensor } from "@wengert/tensor";
import { flatten, gradient, type GradientOf } from "./gradient.ts";
import { pullback } from "./pullback.ts";
import { pushforward } from "./pushforward.ts";

/** A scalar function of a tensor, a list or a record, with further arguments that are held fixed. */
export type Cost<W extends Structure, Rest extends readonly unknown[]> = (wrt: W, ...rest: Rest) => Tensor;

/** The function that gives the gradient of `f` with respect to its first argument. */
export function grad<W extends Structure, Rest extends readonly unknown[]>(
  f: Cost<W, Rest>,
): (wrt: W, ...rest: Rest) => GradientOf<W> {
  return (wrt, ...rest) => gradient(f(wrt, ...rest), wrt);
}

/** The function that gives the value of `f` and its gradient with respect to its first argument. */
export function valueAndGrad<W extends Structure, Rest extends readonly unknown[]>(
  f: Cost<W, Rest>,
): (wrt: W, ...rest: Rest) => { readonly value: Tensor; readonly gradient: GradientOf<W> } {
  return (wrt, ...rest) => {
    const value = f(wrt, ...rest);
    return { value, gradient: gradient(value, wrt) };
  };
}

/**
 * The value of `f`, and the function from a cotangent of the value to the cotangents of the inputs.
 * @param primals where the Jacobian is taken
 */
export function vjp<const P extends readonly Tensor[]>(
  f: (...inputs: P) => Tensor,
  primals: P,
): { readonly value: Tensor; readonly pullback: (cotangent: Tensor) => { readonly [K in keyof P]: P[K] } } {
  const value = f(...primals);
  return {
    value,
    // One cotangent for each primal, in order.
    pullback: (cotangent) => pullback([value], [cotangent], primals) as { readonly [K in keyof P]: P[K] },
  };
}

/**
 * The value of `f` and its tangent: the Jacobian times the tangents.
 * @param primals where the Jacobian is taken
 * @param tangents one for each primal, of its shape and dtype
 */
export function jvp<const P extends readonly Tensor[]>(
  f: (...inputs: P) => Tensor,
  primals: P,
  tangents: { readonly [K in keyof P]: Tensor },
): { readonly value: Tensor; readonly tangent: Tensor } {
  const value = f(...primals);
  const [tangent] = pushforward(primals, tangents, [value]);
  return { value, tangent: tangent as Tensor };
}

/**
 * The Hessian of `f` times a vector, without the Hessian: the gradient's tangent (Pearlmutter 1994).
 * @param direction the structure and types of `at`
 */
export function hvp<W extends Structure>(
  f: (wrt: W) => Tensor,
  at: W,
  direction: GradientOf<W>,
): GradientOf<W> {
  const { tensors, rebuild } = flatten(at);
  const slopes = flatten(gradient(f(at), at)).tensors;
  return rebuild(pushforward(tensors, flatten(direction).tensors, slopes, "hvp")) as GradientOf<W>;
}
