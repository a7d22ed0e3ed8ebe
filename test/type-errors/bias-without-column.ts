// A bias of [n] would be added along the examples; a column is [n, 1].
import { add, input, matmul, parameter } from "@wengert/tensor";

const Z = matmul(parameter("W", [4, 3]), input("X", [3, "m"]));
export const A = add(Z, parameter("b", [4]));
