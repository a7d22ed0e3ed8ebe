/**
 * Derivatives as graphs: reverse and forward mode, any order, custom rules.
 *
 * @packageDocumentation
 * @mergeModuleWith <project>
 */

// Derivatives of nodes
export { gradient } from "./gradient.ts";
export type { GradientOf } from "./gradient.ts";
export { pullback } from "./pullback.ts";
export { pushforward } from "./pushforward.ts";

// Function transformations
export { grad, hvp, jvp, valueAndGrad, vjp } from "./transforms.ts";
export type { Cost } from "./transforms.ts";
export { hessian, jacobian } from "./jacobian.ts";
export type { JacobianOptions } from "./jacobian.ts";

// Rules of one's own
export { customJvp, customVjp } from "./custom.ts";
export type { CustomOptions } from "./custom.ts";
export { differentiable, ruleOf } from "./differentiable.ts";
export type { DifferentiablePrimitive } from "./differentiable.ts";
export { bilinear, elementwise, general, linear, noDerivative, zeroDerivative } from "./rule.ts";
export type { Maybe, Point, Rule, Transpose } from "./rule.ts";
export { rules } from "./rules/index.ts";
