// Two shapes that do not broadcast.
import { add, input } from "@wengert/tensor";

export const sum = add(input("x", [3, "m"]), input("y", [4, "m"]));
