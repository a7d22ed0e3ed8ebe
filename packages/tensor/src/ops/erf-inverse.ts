// The inverse of the error function by polynomials: M. Giles, "Approximating the erfinv function", 2010, in single
// and in double precision, with the coefficients and the order of operations that XLA uses.

import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { stopGradient } from "./control.ts";
import { abs, add, equal, greaterEqual, log1p, mul, neg, not, sqrt, sub, where } from "./elementwise.ts";
import { requireFloat } from "./require.ts";

/** A polynomial for part of the range of w = -log(1 - x²): from `from` on, in w or √w less `centre`, highest first. */
interface Piece {
  readonly from: number;
  readonly root: boolean;
  readonly centre: number;
  readonly coefficients: readonly number[];
}

const single: readonly Piece[] = [
  {
    from: 0,
    root: false,
    centre: 2.5,
    coefficients: [
      2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503,
      -0.00417768164, 0.246640727, 1.50140941,
    ],
  },
  {
    from: 5,
    root: true,
    centre: 3,
    coefficients: [
      -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
      0.00943887047, 1.00167406, 2.83297682,
    ],
  },
];

const double: readonly Piece[] = [
  {
    from: 0,
    root: false,
    centre: 3.125,
    coefficients: [
      -3.6444120640178197e-21, -1.6850591381820166e-19, 1.28584807152564e-18, 1.1157877678025181e-17,
      -1.333171662854621e-16, 2.0972767875968562e-17, 6.637638134358324e-15, -4.054566272975207e-14,
      -8.151934197605472e-14, 2.6335093153082323e-12, -1.2975133253453532e-11, -5.415412054294628e-11,
      1.0512122733215323e-9, -4.112633980346984e-9, -2.9070369957882005e-8, 4.2347877827932404e-7,
      -1.3654692000834679e-6, -1.3882523362786469e-5, 0.00018673420803405714, -0.000740702534166267,
      -0.006033670871430149, 0.24015818242558962, 1.6536545626831027,
    ],
  },
  {
    from: 6.25,
    root: true,
    centre: 3.25,
    coefficients: [
      2.2137376921775787e-9, 9.075656193888539e-8, -2.7517406297064545e-7, 1.8239629214389228e-8,
      1.5027403968909828e-6, -4.013867526981546e-6, 2.9234449089955446e-6, 1.2475304481671779e-5,
      -4.7318229009055734e-5, 6.828485145957318e-5, 2.4031110387097894e-5, -0.0003550375203628475,
      0.0009532893797373805, -0.0016882755560235047, 0.002491442096107851, -0.003751208507569241,
      0.005370914553590064, 1.0052589676941592, 3.0838856104922208,
    ],
  },
  {
    from: 16,
    root: true,
    centre: 5,
    coefficients: [
      -2.7109920616438573e-11, -2.5556418169965252e-10, 1.5076572693500548e-9, -3.789465440126737e-9,
      7.61570120807834e-9, -1.496002662714924e-8, 2.914795345090108e-8, -6.771199775845234e-8,
      2.2900482228026655e-7, -9.9298272942317e-7, 4.526062597223154e-6, -1.968177810553167e-5,
      7.599527703001776e-5, -0.00021503011930044477, -0.00013871931833623122, 1.0103004648645344,
      4.849906401408584,
    ],
  },
];

function pieceAt<S extends Shape>(piece: Piece, w: Tensor<S>, chosen: Tensor<S>): Tensor<S> {
  const { from, root, centre, coefficients } = piece;
  // Elsewhere the polynomial sees a harmless number, so that no derivative of √ is infinite.
  const own = where(chosen, w, from);
  const t = sub(root ? sqrt(own) : own, centre);
  const [first, second, ...rest] = coefficients;
  return rest.reduce((sum, coefficient) => add(mul(sum, t), coefficient), add(mul(t, first), second));
}

/**
 * The number whose `erf` is x: ±∞ at ±1 (with derivative 0), NaN beyond. Within 4 units in the last place of its dtype for |x| < 0.9999.
 */
export function erfInverse<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireFloat("erfInverse", x);
  const [first, ...further] = x.dtype === "f32" ? single : double;
  const edge = equal(abs(x), 1);
  const inside = where(edge, 0, x);
  const w = neg(log1p(neg(mul(inside, inside))));
  // NaN is not above any bound and stays with the first piece.
  const low = not(greaterEqual(w, further[0].from));
  const slope = further.reduce(
    (below, piece) => {
      const above = greaterEqual(w, piece.from);
      return where(above, pieceAt(piece, w, above), below);
    },
    pieceAt(first, w, low),
  );
  // The infinite slope of the branch that is not taken would make the derivative NaN.
  return where(edge, stopGradient(mul(x, Number.POSITIVE_INFINITY)), mul(slope, inside));
}
