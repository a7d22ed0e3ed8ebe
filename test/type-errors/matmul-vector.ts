// A vector has no rows and columns.
import { input, matmul, parameter } from "@wengert/tensor";

const W = parameter("W", [4, 3]);
export const z = matmul(W, input("x", [3]));
