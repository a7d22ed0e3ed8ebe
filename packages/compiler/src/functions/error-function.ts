// erf by three polynomials, each added to a larger number that is exact: x + x (erf x / x - 1) in x² up to 7/8,
// erf(19/16) and the rest up to 3/2, 1 - e^-x² (e^x² erfc x) in 1 / (1 + x/2) up to 6, where erf rounds to 1.
// The coefficients are those of the tensor package's erf. Floats have two of their own: up to 1, and 1 - 2^p
// beyond. Largest errors found, in ulp: f32 1.6, f64 1.0.

import type { Local } from "../wasm/code.ts";
import { exp } from "./exponential.ts";
import { assign, copyOf, polynomial, signOf, whenAny, type Lanes } from "./lanes.ts";
import { exponentialOfTwo } from "./power-of-two.ts";

const low: readonly number[] = [
  0.1283791670955126, -0.3761263890318374, 0.11283791670954353, -0.026866170644942594, 0.005223977623059443,
  -0.0008548326845690305, 0.00012055324561705379, -1.492538720169797e-5, 1.6456607597388118e-6,
  -1.6289242608284092e-7, 1.4122777660357666e-8, -8.666276629203472e-10,
];

/** erf(19/16) in 24 bits. */
const atMiddle = 0.9069217443466187;

const middle: readonly number[] = [
  -2.4564932163241536e-8, 0.2754431531414426, -0.3270887443554628, 0.1671308715675943, 0.00979562645851716,
  -0.05479218403814538, 0.019076405796480154, 0.00657340614300978, -0.00603928133747617,
  0.0003155367321497236, 0.0009987132410275814, -0.0002672602491407046, -9.846360107811872e-5,
  5.5628338581089025e-5, 3.7906897371592514e-6, -7.17377769707873e-6,
];

const high: readonly number[] = [
  0.18637373664934295, 0.11195847015101401, 0.02070916930392066, 0.0024644725878083446,
  0.00010019860940260746, -1.8765062567209894e-5, -2.149576843103105e-6, 2.523506762013457e-7,
  3.7721289466945474e-8, -5.865973153344656e-9, -5.823964097197223e-10, 1.703147912703667e-10,
  2.38883350814826e-12, -4.383422493508714e-12, 3.229148938566817e-13,
];

/** Of floats: (erf x / x - 1) in x² up to 1, within 2^-29.5. */
const singleLow: readonly number[] = [
  0.12837916584835093, -0.37612626666720334, 0.11283594715160218, -0.026854212010626412, 0.005189087423433974,
  -0.000801686428716587, 7.875875062685488e-5,
];

/** Of floats: the binary logarithm of erfc on 1 … 4, so that erf is within 2^-30. */
const singleHigh: readonly number[] = [
  0.0004618615766698807, -1.630582171493444, -0.911532311288859, -0.1588119897709087, 0.03811764189002414,
  -0.006866645968928733, 0.000861008516515442, -6.644770978074627e-5, 2.361910227018601e-6,
];

/** 2/√π ∫₀ˣ e^(-t²) dt. */
export function erf(lanes: Lanes, x: Local): Local {
  return lanes.format.type === "f32x4" ? singleErf(lanes, x) : doubleErf(lanes, x);
}

function singleErf(lanes: Lanes, x: Local): Local {
  const { sub, mul, madd, constant, float } = lanes;
  const size = float("abs", x);
  const below = madd(size, polynomial(lanes, mul(x, x), singleLow), size);
  // From 4 on erf rounds to 1.
  const exponent = polynomial(lanes, float("pmin", size, constant(4)), singleHigh);
  const above = sub(constant(1), exponentialOfTwo(lanes, exponent));
  return lanes.or(lanes.select(float("lt", size, constant(1)), below, above), signOf(lanes, x));
}

function doubleErf(lanes: Lanes, x: Local): Local {
  const { code, add, sub, mul, constant, float, select } = lanes;
  const size = float("abs", x);
  const square = mul(size, size);
  const result = copyOf(code, add(size, mul(size, polynomial(lanes, square, low))));
  const pastLow = float("gt", size, constant(0.875));
  whenAny(lanes, pastLow, () => {
    const fromMiddle = polynomial(lanes, sub(size, constant(1.1875)), middle);
    assign(code, result, select(pastLow, add(constant(atMiddle), fromMiddle), result));
  });
  const pastMiddle = float("gt", size, constant(1.5));
  whenAny(lanes, pastMiddle, () => assign(code, result, select(pastMiddle, tail(lanes, size), result)));
  return lanes.or(result, signOf(lanes, x));
}

function tail(lanes: Lanes, size: Local): Local {
  const { add, sub, mul, div, constant } = lanes;
  const x = lanes.float("pmin", size, constant(6));
  // 1 / (1 + x/2) runs from 1/4 at 6 to 4/7 at 3/2; the polynomial wants it on [-1, 1].
  const reciprocal = div(constant(1), add(constant(1), mul(x, constant(0.5))));
  const position = mul(sub(reciprocal, constant(23 / 56)), constant(56 / 9));
  const decay = exp(lanes, mul(mul(x, x), constant(-1)));
  return sub(constant(1), mul(decay, polynomial(lanes, position, high)));
}
