// The record of parameters has no such key.
import { parameter } from "@wengert/tensor";

const parameters = { W1: parameter("W1", [4, 3]), b1: parameter("b1", [4, 1]) };
export const next = parameters.W2;
