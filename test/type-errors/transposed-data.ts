// Examples are rows where columns were meant.
import { input, matmul, parameter } from "@wengert/tensor";

const X = input("X", ["m", 784]);
const W = parameter("W", [10, 784]);
export const Z = matmul(W, X);
