// Functions whose derivative the author writes. Either rule serves both modes: the other one follows by transposing
// it, since a JVP is linear in its tangents and a VJP in its cotangent. The rule is about the arguments: a derivative
// with respect to what the function uses besides them is refused, not taken for zero.

import {
  apply,
  DerivativeError,
  input,
  isTensor,
  isFloat,
  labelOf,
  primitives,
  topological,
  zerosLike,
  type Shape,
  type Tensor,
} from "@wengert/tensor";
import { differentiable } from "./differentiable.ts";
import { pullbackIn, requireLike } from "./pullback.ts";
import { capturedBy } from "./captured.ts";
import type { Maybe, Rule } from "./rule.ts";
import { sourcesByIdentity } from "./sources.ts";

/** The name that errors show. */
export interface CustomOptions {
  readonly name?: string;
}

/**
 * `f` with a reverse rule of one's own, in place of the derived one, in both modes and every order.
 * @param backward the cotangents of the inputs (null for zero), given the cotangent of the output, the output and the
 * inputs; linear in the cotangent
 * @throws DerivativeError when the derivative is built and a cotangent has not the type of its input, or it is taken
 * with respect to what `f` uses besides its inputs.
 * @example
 * ```ts
 * import { evaluate, parameter, round } from "@wengert/tensor";
 * import { customVjp, gradient } from "@wengert/autodiff";
 * const x = parameter("x", []);
 * // Straight through: rounds the value, and passes the cotangent as if it did not.
 * const quantize = customVjp((t: typeof x) => round(t), (ct) => [ct]);
 * console.log(String(evaluate(gradient(quantize(x), x), {})));
 * ```
 * ```text
 * f32[] 1
 * ```
 */
export function customVjp<const P extends readonly Tensor[], S extends Shape>(
  f: (...inputs: P) => Tensor<S>,
  backward: (ct: Tensor<S>, out: Tensor<S>, ...inputs: P) => readonly (Tensor | null)[],
  options: CustomOptions = {},
): (...inputs: P) => Tensor<S> {
  const name = options.name ?? nameOf(f, "customVjp");
  const pull = (out: Tensor<S>, inputs: P, ct: Tensor<S>): readonly Maybe[] => {
    const given = backward(ct, out, ...inputs);
    requireCount(name, given, inputs.length);
    return given.map((part, i) => checkedPart(name, `the cotangent for input ${i + 1}`, inputs[i]!, part));
  };
  return custom(f, name, {
    vjp: pull,
    jvp(out, inputs, tangents) {
      const ct = placeholder(out, 0);
      const pulled = pull(out, inputs, ct);
      const moving = tangents.flatMap((t, i) => (t !== undefined && pulled[i] !== undefined ? [i] : []));
      if (moving.length === 0) return undefined;
      const [tangent] = pullbackIn(
        name,
        moving.map((i) => pulled[i]!),
        moving.map((i) => tangents[i]!),
        [ct],
        sourcesByIdentity,
      );
      requireLinear(name, "cotangent", [tangent!], [ct]);
      return tangent;
    },
  });
}

/**
 * `f` with a forward rule of one's own, in place of the derived one, in both modes and every order.
 * @param forward the tangent of the output, given the tangents of the inputs, the output and the inputs; linear in
 * the tangents
 * @throws DerivativeError when the derivative is built and the tangent has not the type of the output, or it is taken
 * with respect to what `f` uses besides its inputs.
 * @example
 * ```ts
 * import { div, evaluate, mul, parameter, sqrt } from "@wengert/tensor";
 * import { customJvp, gradient } from "@wengert/autodiff";
 * const x = parameter("x", []);
 * // d √x = dx / (2 √x), from the output.
 * const root = customJvp((t: typeof x) => sqrt(t), ([t], out) => div(t, mul(out, 2)));
 * console.log(String(evaluate(gradient(root(x), x), { x: 4 })));
 * ```
 * ```text
 * f32[] 0.25
 * ```
 */
export function customJvp<const P extends readonly Tensor[], S extends Shape>(
  f: (...inputs: P) => Tensor<S>,
  forward: (tangents: P, out: Tensor<S>, ...inputs: P) => Tensor,
  options: CustomOptions = {},
): (...inputs: P) => Tensor<S> {
  const name = options.name ?? nameOf(f, "customJvp");
  const push = (out: Tensor<S>, inputs: P, given: readonly Maybe[]): Tensor => {
    // One tangent an input, in order; those of integers are zeros.
    const tangents = inputs.map((x, i) => given[i] ?? zerosLike(x)) as readonly Tensor[] as P;
    return checkedPart(name, "the tangent", out, forward(tangents, out, ...inputs))!;
  };
  return custom(f, name, {
    jvp: push,
    vjp(out, inputs, ct) {
      const tangents = inputs.map((x, i) => (isFloat(x.dtype) ? placeholder(x, i) : undefined));
      const sources = tangents.filter((t) => t !== undefined);
      const pulled = pullbackIn(name, [push(out, inputs, tangents)], [ct], sources, sourcesByIdentity);
      requireLinear(name, "tangents", pulled, sources);
      return tangents.map((t) => (t === undefined ? undefined : pulled[sources.indexOf(t)]));
    },
  });
}

/** A rule about the inputs, one part an input; `out` is the node whose derivative it is. */
interface CustomRule<P extends readonly Tensor[], S extends Shape> {
  readonly jvp: (out: Tensor<S>, inputs: P, tangents: readonly Maybe[]) => Maybe;
  readonly vjp: (out: Tensor<S>, inputs: P, ct: Tensor<S>) => readonly Maybe[];
}

/** The node holds the value that `f` built, then the inputs that the rule is about, and then what `f` uses besides. */
function custom<P extends readonly Tensor[], S extends Shape>(
  f: (...inputs: P) => Tensor<S>,
  name: string,
  { jvp, vjp }: CustomRule<P, S>,
): (...inputs: P) => Tensor<S> {
  return (...given) => {
    const value = f(...given);
    const captured = capturedBy(value, given);
    const end = given.length + 1;
    // A node of the custom primitive has the type of its value, and these inputs.
    const typed = (out: Tensor): Tensor<S> => out as Tensor<S>;
    const inputsOf = (out: Tensor): P => out.inputs.slice(1, end) as readonly Tensor[] as P;
    const rule: Rule = {
      carries(out, index) {
        if (index >= end) refuseCaptured(name, out.inputs[index]!);
        return index > 0;
      },
      jvp: (out, tangents) => jvp(typed(out), inputsOf(out), tangents.slice(1, end)),
      vjp: (out, ct) => {
        const parts = vjp(typed(out), inputsOf(out), typed(ct));
        return [undefined, ...parts, ...captured.map(() => undefined)];
      },
    };
    return apply<S>(differentiable(primitives.customDerivative, rule), [value, ...given, ...captured]);
  };
}

function refuseCaptured(name: string, tensor: Tensor): never {
  throw new DerivativeError(
    `${name}: a rule of one's own is about arguments, got a derivative with respect to ${labelOf(tensor)}`,
    {
      help: `take ${labelOf(tensor)} as an argument, or stopGradient(${labelOf(tensor)}) if this is intended`,
    },
  );
}

function nameOf(f: { readonly name: string }, fallback: string): string {
  return f.name === "" ? fallback : f.name;
}

function requireCount(name: string, given: unknown, expected: number): void {
  const got = Array.isArray(given) ? String(given.length) : typeof given;
  if (got === String(expected)) return;
  throw new DerivativeError(
    `${name}: a rule returns one cotangent an input (null for zero), got ${got} for ${expected}`,
  );
}

function checkedPart(name: string, what: string, primal: Tensor, part: Tensor | null): Maybe {
  if (part === null) return undefined;
  if (!isTensor(part)) {
    throw new DerivativeError(`${name}: ${what} must be a tensor or null, got ${typeof part}`);
  }
  requireLike(name, what, primal, part);
  return part;
}

/** Stands for a tangent or cotangent while a linear rule is transposed; no result may depend on it. */
function placeholder<S extends Shape>(like: Tensor<S>, index: number): Tensor<S> {
  return input(`derivative:${index}`, like.shape, { dtype: like.dtype });
}

function requireLinear(
  name: string,
  what: string,
  results: readonly Tensor[],
  placeholders: readonly Tensor[],
): void {
  const reached = new Set(topological(results));
  if (!placeholders.some((stand) => reached.has(stand))) return;
  throw new DerivativeError(`${name}: the rule must be linear in its ${what}, got one that is not`);
}
