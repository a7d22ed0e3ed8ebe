// Only axes of size 1 can go.
import { input, squeeze } from "@wengert/tensor";

export const flat = squeeze(input("x", [3, 1]), 0);
