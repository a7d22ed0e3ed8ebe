// Whole matrices of derivatives, a row or a column at a time. Sizes must be numbers: each row is a graph of its own.

import {
  DerivativeError,
  ones,
  padInto,
  reshape,
  showShape,
  stack,
  type Shape,
  type Tensor,
} from "@wengert/tensor";
import { pullbackIn } from "./pullback.ts";
import { pushforwardIn } from "./pushforward.ts";
import { sourcesByIdentity } from "./sources.ts";
import { requireTensorList, valueOf } from "./structure.ts";
import { grad } from "./transforms.ts";
import { twinsOf } from "./twins.ts";

/** How to fill a Jacobian. */
export interface JacobianOptions {
  /** By columns (`forward`), by rows (`reverse`), or by whichever are fewer (the default). */
  readonly mode?: "forward" | "reverse";
}

/**
 * The function that gives all partial derivatives of `f`: shape [...shape of f(x), ...shape of x].
 * @throws DerivativeError (the function) when a size is a name.
 * @example
 * ```ts
 * import { evaluate, mul, parameter } from "@wengert/tensor";
 * import { jacobian } from "@wengert/autodiff";
 * const x = parameter("x", [2]);
 * console.log(String(evaluate(jacobian((t) => mul(t, t))(x), { x: [1, 2] })));
 * ```
 * ```text
 * f32[2, 2]
 * [[2, 0],
 *  [0, 4]]
 * ```
 */
export function jacobian<S extends Shape>(
  f: (x: Tensor<S>) => Tensor,
  options: JacobianOptions = {},
): (x: Tensor<S>) => Tensor {
  return (primal) => {
    requireTensorList("jacobian", "primals", [primal]);
    const { twins, restore } = twinsOf([primal] as const);
    const [x] = twins;
    const matrix = matrixOf(valueOf("jacobian", f, x), x, options.mode);
    return restore([matrix])[0] as Tensor;
  };
}

function matrixOf(out: Tensor, x: Tensor, wanted: JacobianOptions["mode"]): Tensor {
  const [outputs, inputs] = [count(out.shape), count(x.shape)];
  const mode = wanted ?? (outputs <= inputs ? "reverse" : "forward");
  const shape = [...out.shape, ...x.shape];
  if (outputs * inputs === 0) return reshape(ones([0], { dtype: x.dtype }), shape);
  if (mode === "reverse") {
    const rows = basis(out).map(
      (unit) => pullbackIn("jacobian", [out], [unit], [x], sourcesByIdentity)[0] as Tensor,
    );
    return reshape(stack(rows, 0), shape);
  }
  const columns = basis(x).map((unit) => {
    const [column] = pushforwardIn("jacobian", [x], [unit], [out], sourcesByIdentity);
    return reshape(column as Tensor, [outputs]);
  });
  return reshape(stack(columns, 1), shape);
}

/** The function that gives all second derivatives of a scalar `f`, forward over reverse: shape [...x, ...x]. */
export function hessian<S extends Shape>(f: (x: Tensor<S>) => Tensor): (x: Tensor<S>) => Tensor {
  return jacobian<S>(grad(f), { mode: "forward" });
}

function count(shape: Shape): number {
  let product = 1;
  for (const dim of shape) {
    if (typeof dim === "string") {
      throw new DerivativeError(`jacobian: every size must be a number, got ${showShape(shape)}`, {
        help: "vjp and jvp work with named dimensions",
      });
    }
    product *= dim;
  }
  return product;
}

/** The unit tensors of the type of `x`, in C order. */
function basis(x: Tensor): Tensor[] {
  const shape = x.shape as readonly number[];
  const one = ones(
    shape.map(() => 1),
    { dtype: x.dtype },
  );
  return Array.from({ length: count(shape) }, (_, flat) => {
    let rest = flat;
    const start = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      start[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return padInto(
      one,
      shape,
      start,
      shape.map(() => 1),
    );
  });
}
