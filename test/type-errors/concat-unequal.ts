// Parts of a concatenation agree on the other axes.
import { concat, input } from "@wengert/tensor";

export const both = concat([input("x", [3, 2]), input("y", [3, 5])]);
