// Parts of a stack have one shape.
import { input, stack } from "@wengert/tensor";

export const both = stack([input("x", [3]), input("y", [4])]);
