// rem: x - y trunc(x / y), exactly, with the sign of x, as JavaScript's % and C's fmod. The quotient of doubles may be
// off by 1, which shows as a remainder of the wrong sign; q y is a sum of two doubles, and the difference is a double.
// Quotients of 2^53 and more go to `lib.remainder`, behind one branch.

import type { Local } from "../wasm/code.ts";
import { product } from "./double-double.ts";
import { assign, signOf, when, whenAny, type Lanes } from "./lanes.ts";

/** The remainder of x by y of doubles. */
export function rem(lanes: Lanes, x: Local, y: Local): Local {
  const { add, sub, div, float, constant, select, or } = lanes;
  const [sizeX, sizeY] = [float("abs", x), float("abs", y)];
  const quotient = div(sizeX, sizeY);
  const whole = float("trunc", quotient);
  const { high, low } = product(lanes, whole, sizeY);
  const rest = sub(sub(sizeX, high), low);
  const positive = select(float("lt", rest, constant(0)), add(rest, sizeY), rest);
  const inside = float("lt", sizeX, sizeY);
  const result = select(inside, x, or(positive, signOf(lanes, x)));
  // Beyond 2^990 splitting a factor would overflow.
  const far = or(
    float("ge", quotient, constant(2 ** 53)),
    lanes.and(float("gt", sizeX, constant(2 ** 990)), float("ge", sizeX, sizeY)),
  );
  whenAny(lanes, far, () => {
    for (const lane of [0, 1]) remainderOfLane(lanes, { lane, x, y, far, result });
  });
  return result;
}

interface Lane {
  readonly lane: number;
  readonly x: Local;
  readonly y: Local;
  readonly far: Local;
  readonly result: Local;
}

function remainderOfLane({ code }: Lanes, { lane, x, y, far, result }: Lane): void {
  const isFar = code.op("i64.ne", code.opWith("i64x2.extract_lane", [lane], far), code.local("i64"));
  when(code, isFar, () => {
    const remainder = code.local("f64");
    for (const operand of [x, y]) {
      code.emit("local.get", operand);
      code.emit("f64x2.extract_lane", lane);
    }
    code.emit("call", "lib.remainder");
    code.emit("local.set", remainder);
    assign(code, result, code.opWith("f64x2.replace_lane", [lane], result, remainder));
  });
}
