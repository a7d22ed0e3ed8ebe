// A matrix has no axis 2.
import { input, mean } from "@wengert/tensor";

export const average = mean(input("x", [3, "m"]), 2);
