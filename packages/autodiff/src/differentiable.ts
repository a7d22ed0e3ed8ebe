// Where the rule of a primitive is found: on the primitive itself, or in the table.

import { DerivativeError, primitives, shownValue, type Primitive } from "@wengert/tensor";
import type { Rule } from "./rule.ts";
import { rules } from "./rules/index.ts";

/** A primitive that carries its derivative rule. */
export interface DifferentiablePrimitive extends Primitive {
  readonly derivative: Rule;
}

/**
 * The primitive with a derivative rule that replaces any other; nothing is registered.
 * @example
 * ```ts
 * import { apply, arrayFrom, definePrimitive, mul } from "@wengert/tensor";
 * import { differentiable, elementwise } from "@wengert/autodiff";
 * const cube = differentiable(
 *   definePrimitive({
 *     name: "cube",
 *     operands: ["x"],
 *     infer: ([x]) => x!,
 *     kernel: ([x]) => arrayFrom(x!.data.map((each) => each ** 3), x!.shape),
 *   }),
 *   elementwise((g, { x }) => mul(g, mul(3, mul(x, x)))),
 * );
 * ```
 */
export function differentiable(primitive: Primitive, rule: Rule): DifferentiablePrimitive {
  // Callers without a type checker may hand over a function: `elementwise` and its like make rules of those.
  for (const part of ["carries", "jvp", "vjp"] as const)
    if (typeof (rule as Partial<Rule> | undefined)?.[part] !== "function")
      throw new DerivativeError(`differentiable: a rule has carries, jvp and vjp, got ${shownValue(rule)}`, {
        help: "elementwise, linear, bilinear and general make rules of functions",
      });
  return Object.freeze({ ...primitive, derivative: rule });
}

/**
 * The derivative rule of a primitive.
 * @throws DerivativeError when a primitive of one's own has none.
 */
export function ruleOf(primitive: Primitive): Rule {
  if ("derivative" in primitive) return (primitive as DifferentiablePrimitive).derivative;
  if (Object.hasOwn(primitives, primitive.name)) return rules[primitive.name as keyof typeof rules];
  throw new DerivativeError(`gradient: a primitive needs a derivative rule, got none for ${primitive.name}`, {
    help: `differentiable(${primitive.name}, rule) attaches one`,
  });
}
