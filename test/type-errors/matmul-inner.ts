// The columns of the weights are not the rows of the data.
import { input, matmul, parameter } from "@wengert/tensor";

const X = input("X", [3, "m"]);
const W = parameter("W", [4, 2]);
export const Z = matmul(W, X);
