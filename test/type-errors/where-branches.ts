// Branches broadcast with the condition.
import { greater, input, where } from "@wengert/tensor";

const x = input("x", [3, "m"]);
export const chosen = where(greater(x, 0), x, input("y", [4, "m"]));
