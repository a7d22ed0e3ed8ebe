import { parameter } from "@wengert/tensor";
import { refuses } from "../../../test/arrays.ts";
import { dropoutMask } from "./dropout.ts";

const mask = (keep: number) => (): unknown =>
  dropoutMask(parameter("key", [2], { dtype: "u32" }), parameter("A", [3, 1]), keep);

// 1/keep would be infinite, and the mask NaN wherever a unit is silenced.
refuses([
  ["to keep nothing", mask(0), "dropoutMask: keep must be above 0 and at most 1, got 0"],
  ["to keep more than all", mask(1.5), "dropoutMask: keep must be above 0 and at most 1, got 1.5"],
  ["to keep what is no number", mask(Number.NaN), "dropoutMask: keep must be above 0 and at most 1, got NaN"],
]);
