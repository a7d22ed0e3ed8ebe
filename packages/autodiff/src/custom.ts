// Functions whose derivative the author writes. Either rule serves both modes: the other one follows by transposing
// it, since a JVP is linear in its tangents and a VJP in its cotangent. The rule is about the arguments: a derivative
// with respect to what the function uses besides them is refused, not taken for zero.

import {
  apply,
  DerivativeError,
  input,
  labelOf,
  primitives,
  topological,
  zerosLike,
  type Shape,
  type Tensor,
} from "@wengert/tensor";
import { differentiable } from "./differentiable.ts";
import { pullback, requireLike } from "./pullback.ts";
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
  const pull = (out: Tensor, ct: Tensor): readonly Maybe[] => {
    const { value, inputs } = parts<P>(out);
    const given = backward(ct as Tensor<S>, value as Tensor<S>, ...inputs);
    requireCount(name, given.length, inputs.length);
    const checked = given.map((part, i) =>
      checkedPart(name, `the cotangent for input ${i + 1}`, inputs[i]!, part),
    );
    return [undefined, ...checked];
  };
  return custom(f, name, {
    vjp: pull,
    jvp(out, tangents) {
      const ct = placeholder(out, 0);
      const pulled = pull(out, ct);
      const moving = tangents.flatMap((t, i) => (t !== undefined && pulled[i] !== undefined ? [i] : []));
      if (moving.length === 0) return undefined;
      const [tangent] = pullback(
        moving.map((i) => pulled[i]!),
        moving.map((i) => tangents[i]!),
        [ct],
        name,
        sourcesByIdentity,
      );
      return requireLinear(name, "cotangent", [tangent!], [ct])[0];
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
  forward: (tangents: { readonly [K in keyof P]: P[K] }, out: Tensor<S>, ...inputs: P) => Tensor,
  options: CustomOptions = {},
): (...inputs: P) => Tensor<S> {
  const name = options.name ?? nameOf(f, "customJvp");
  const push = (out: Tensor, tangents: readonly Tensor[]): Tensor => {
    const { value, inputs } = parts<P>(out);
    const t = forward(
      tangents as unknown as { readonly [K in keyof P]: P[K] },
      value as Tensor<S>,
      ...inputs,
    );
    return checkedPart(name, "the tangent", out, t)!;
  };
  return custom(f, name, {
    jvp(out, [, ...tangents]) {
      const { inputs } = parts<P>(out);
      if (tangents.every((t) => t === undefined)) return undefined;
      return push(
        out,
        inputs.map((x, i) => tangents[i] ?? zerosLike(x)),
      );
    },
    vjp(out, ct) {
      const { inputs } = parts<P>(out);
      const tangents = inputs.map((x, i) => placeholder(x, i));
      const cotangents = pullback([push(out, tangents)], [ct], tangents, name, sourcesByIdentity);
      return [undefined, ...requireLinear(name, "tangents", cotangents, tangents)];
    },
  });
}

/**
 * The node holds the value that `f` built, then the inputs that the rule is about, and then what `f` uses besides.
 */
function custom<P extends readonly Tensor[], S extends Shape>(
  f: (...inputs: P) => Tensor<S>,
  name: string,
  { jvp, vjp }: Pick<Rule, "jvp" | "vjp">,
): (...inputs: P) => Tensor<S> {
  return (...inputs) => {
    const value = f(...inputs);
    const captured = capturedBy(value, inputs);
    const rule: Rule = {
      carries(out, index) {
        if (index > inputs.length) refuseCaptured(name, out.inputs[index]!);
        return index > 0;
      },
      jvp: (out, tangents) => jvp(out, tangents.slice(0, inputs.length + 1)),
      vjp: (out, ct) => [...vjp(out, ct), ...captured.map(() => undefined)],
    };
    const primitive = differentiable(primitives.customDerivative, rule);
    return apply<S>(primitive, [value, ...inputs, ...captured], { arguments: inputs.length });
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

function parts<P extends readonly Tensor[]>(out: Tensor): { readonly value: Tensor; readonly inputs: P } {
  const [value, ...others] = out.inputs;
  const inputs = others.slice(0, out.attributes["arguments"] as number);
  // `custom` puts just these inputs there.
  return { value: value!, inputs: inputs as readonly Tensor[] as P };
}

function nameOf(f: { readonly name: string }, fallback: string): string {
  return f.name === "" ? fallback : f.name;
}

function requireCount(name: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new DerivativeError(
    `${name}: a rule returns one cotangent an input (null for zero), got ${got} for ${expected}`,
  );
}

function checkedPart(name: string, what: string, primal: Tensor, part: Tensor | null): Maybe {
  if (part === null) return undefined;
  requireLike(name, what, primal, part);
  return part;
}

/** Stands for a tangent or cotangent while a linear rule is transposed; no result may depend on it. */
function placeholder(like: Tensor, index: number): Tensor {
  return input(`derivative:${index}`, like.shape, { dtype: like.dtype });
}

function requireLinear(
  name: string,
  what: string,
  results: readonly Tensor[],
  placeholders: readonly Tensor[],
): readonly Tensor[] {
  const reached = new Set(topological(results));
  if (!placeholders.some((stand) => reached.has(stand))) return results;
  throw new DerivativeError(`${name}: the rule must be linear in its ${what}, got one that is not`);
}
