import { input, matmul, mul, parameter, sum, tanh, type Dim, type Tensor } from "@wengert/tensor";
import { expectTypeOf, test } from "vitest";
import { gradient } from "./gradient.ts";
import { hessian, jacobian } from "./jacobian.ts";
import { grad, hvp, valueAndGrad, vjp } from "./transforms.ts";

const X = input("X", [3, "m"]);
const W = parameter("W", [4, 3]);
const cost = sum(tanh(matmul(W, X)));

test("gradient: has the structure and the shapes of what it is taken with respect to", () => {
  expectTypeOf(gradient(cost, W)).toEqualTypeOf<Tensor<readonly [4, 3]>>();
  expectTypeOf(gradient(cost, [W, X])).toEqualTypeOf<
    readonly [Tensor<readonly [4, 3]>, Tensor<readonly [3, "m"]>]
  >();
  expectTypeOf(gradient(cost, { W, X })).toEqualTypeOf<{
    readonly W: Tensor<readonly [4, 3]>;
    readonly X: Tensor<readonly [3, "m"]>;
  }>();
  const open: readonly Tensor[] = [W];
  expectTypeOf(gradient(cost, open)).toEqualTypeOf<readonly Tensor[]>();
  const record: Readonly<Record<string, Tensor>> = { W };
  expectTypeOf(gradient(cost, record)).toEqualTypeOf<Readonly<Record<string, Tensor>>>();
});

test("gradient: a name that was not asked for does not compile", () => {
  // @ts-expect-error there is no gradient for b
  expectTypeOf(gradient(cost, { W }).b);
});

test("gradient: keeps its types within functions that are generic in dimensions", () => {
  const slope = <N extends Dim, M extends Dim>(w: Tensor<readonly [N, M]>): Tensor<readonly [N, M]> =>
    gradient(sum(mul(w, w)), w);
  expectTypeOf(slope(W)).toEqualTypeOf<Tensor<readonly [4, 3]>>();
});

test("grad, valueAndGrad, vjp and hvp: types follow the function", () => {
  const f = ({ A }: { readonly A: Tensor<readonly [4, 3]> }, scale: Tensor): Tensor =>
    sum(mul(A as Tensor, scale));
  const by = grad(f)({ A: W }, input("s", []));
  expectTypeOf(by.A).toEqualTypeOf<Tensor<readonly [4, 3]>>();
  expectTypeOf(valueAndGrad(f)({ A: W }, input("s", [])).value).toEqualTypeOf<Tensor>();
  const { pullback } = vjp((a: Tensor<readonly [4, 3]>) => tanh(a), [W]);
  expectTypeOf(pullback(W)[0]).toEqualTypeOf<Tensor<readonly [4, 3]>>();
  expectTypeOf(hvp((a: Tensor<readonly [4, 3]>) => sum(mul(a, a)), W, W)).toEqualTypeOf<
    Tensor<readonly [4, 3]>
  >();
});

test("jacobian and hessian: take functions that are typed by shape", () => {
  const square = (a: Tensor<readonly [2]>): Tensor<readonly [2]> => mul(a, a);
  expectTypeOf(jacobian(square)).parameter(0).toEqualTypeOf<Tensor<readonly [2]>>();
  expectTypeOf(hessian((a: Tensor<readonly [2]>) => sum(mul(a, a))))
    .parameter(0)
    .toEqualTypeOf<Tensor<readonly [2]>>();
});
