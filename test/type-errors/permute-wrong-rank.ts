// Three axes for a matrix.
import { input, permute } from "@wengert/tensor";

export const turned = permute(input("x", [3, "m"]), [1, 0, 2]);
