// A pure table: the derivative where an operation has none, on both sides and at the point itself, as documented.
// Keys are operations; `at` holds the inputs, `gradients` those of the sum of the output.

import type { Kink } from "@wengert/autodiff/check";

const { POSITIVE_INFINITY: infinite, NEGATIVE_INFINITY: fallen } = Number;

/** The choices at kinks, poles and ties. */
export const kinks: Readonly<Record<string, readonly Kink[]>> = {
  abs: [{ title: "is -1, 0 and 1 around 0", at: [[-2, 0, 2]], gradients: [[-1, 0, 1]] }],
  sign: [{ title: "is 0 around 0, and there", at: [[-1, 0, 1]], gradients: [[0, 0, 0]] }],
  floor: [{ title: "is 0 around a step, and there", at: [[0.5, 1, 1.5]], gradients: [[0, 0, 0]] }],
  ceil: [{ title: "is 0 around a step, and there", at: [[0.5, 1, 1.5]], gradients: [[0, 0, 0]] }],
  round: [{ title: "is 0 around a step, and there", at: [[0.25, 0.5, 0.75]], gradients: [[0, 0, 0]] }],
  sqrt: [{ title: "is infinite at 0", at: [[0]], gradients: [[infinite]] }],
  rsqrt: [{ title: "is infinite at 0", at: [[0]], gradients: [[fallen]] }],
  log: [{ title: "is infinite at 0", at: [[0]], gradients: [[infinite]] }],
  log1p: [{ title: "is infinite at -1", at: [[-1]], gradients: [[infinite]] }],
  asin: [
    { title: "is infinite at 1", at: [[1]], gradients: [[infinite]] },
    { title: "is infinite at -1", at: [[-1]], gradients: [[infinite]] },
  ],
  acos: [
    { title: "is infinite at 1", at: [[1]], gradients: [[fallen]] },
    { title: "is infinite at -1", at: [[-1]], gradients: [[fallen]] },
  ],
  maximum: [
    {
      title: "is shared in halves by equals",
      at: [
        [1, 2, 3],
        [2, 2, 2],
      ],
      gradients: [
        [0, 0.5, 1],
        [1, 0.5, 0],
      ],
    },
  ],
  minimum: [
    {
      title: "is shared in halves by equals",
      at: [
        [1, 2, 3],
        [2, 2, 2],
      ],
      gradients: [
        [1, 0.5, 0],
        [0, 0.5, 1],
      ],
    },
  ],
  max: [
    { title: "is shared equally by ties", at: [[3, 1, 3]], gradients: [[0.5, 0, 0.5]], attributes: [0] },
    { title: "goes to the largest beside a tie", at: [[3, 1, 4]], gradients: [[0, 0, 1]], attributes: [0] },
    {
      title: "is shared equally over several axes",
      at: [
        [
          [2, 1],
          [2, 2],
        ],
      ],
      gradients: [
        [
          [1 / 3, 0],
          [1 / 3, 1 / 3],
        ],
      ],
      attributes: [0, 1],
    },
  ],
  min: [{ title: "is shared equally by ties", at: [[1, 3, 1]], gradients: [[0.5, 0, 0.5]], attributes: [0] }],
  prod: [
    { title: "is right beside one zero", at: [[0, 2, 3]], gradients: [[6, 0, 0]], attributes: [0] },
    { title: "is 0 beside two zeros", at: [[0, 0, 3]], gradients: [[0, 0, 0]], attributes: [0] },
  ],
  pow: [
    {
      title: "of 0 is that of 1, x and x²; 0 to the exponent",
      at: [
        [0, 0, 0],
        [0, 1, 2],
      ],
      gradients: [
        [0, 1, 0],
        [0, 0, 0],
      ],
    },
    { title: "of a negative base to the base", at: [[-3], [2]], gradients: [[-6], [Number.NaN]] },
  ],
  rem: [
    {
      title: "at a multiple is that beyond it",
      at: [[0], [2]],
      gradients: [[2], [0]],
      attributes: 2,
    },
  ],
  relu: [{ title: "is 0 at 0", at: [[-1, 0, 1]], gradients: [[0, 0, 1]] }],
  leakyRelu: [{ title: "is that of the left at 0", at: [[-1, 0, 1]], gradients: [[0.01, 0.01, 1]] }],
  elu: [{ title: "is 1 at 0", at: [[0, 1]], gradients: [[1, 1]] }],
  clip: [{ title: "is a half at the bounds", at: [[-2, -1, 0, 1, 2]], gradients: [[0, 0.5, 1, 0.5, 0]] }],
};
