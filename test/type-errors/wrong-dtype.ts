// There is no such dtype.
import { input } from "@wengert/tensor";

export const x = input("x", [3], { dtype: "float32" });
