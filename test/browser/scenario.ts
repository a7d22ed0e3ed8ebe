// What a page and Node both run: some steps of training, large enough for several threads. Its numbers are compared.

import { gradient } from "@wengert/autodiff";
import { wasmEngine } from "@wengert/engine";
import { add, graph, input, matmul, mean, mul, parameter, square, sub, tanh } from "@wengert/tensor";

/** What came out. */
export interface Outcome {
  readonly costs: readonly number[];
  readonly weights: readonly number[];
  readonly features: unknown;
  readonly threads: number;
  readonly notices: readonly string[];
}

/** Ten steps of gradient descent on the WebAssembly engine. */
export async function train(): Promise<Outcome> {
  const engine = wasmEngine();
  await engine.ready();
  const X = input("X", [64, "m"]);
  const Y = input("Y", [1, "m"]);
  const W1 = parameter("W1", [128, 64]);
  const W2 = parameter("W2", [1, 128]);
  const b1 = parameter("b1", [128, 1]);
  const cost = mean(square(sub(matmul(W2, tanh(add(matmul(W1, X), b1))), Y)));
  const wrt = { W1, W2, b1 };
  const { W1: dW1, W2: dW2, b1: db1 } = gradient(cost, wrt);
  const updates = { W1: sub(W1, mul(dW1, 0.1)), W2: sub(W2, mul(dW2, 0.1)), b1: sub(b1, mul(db1, 0.1)) };
  const program = await engine.compile(graph({ cost }, { updates }));
  const values = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_each, column) => (((row * 31 + column * 17) % 23) - 11) / 64),
    );
  const resident = program.bind({ W1: values(128, 64), W2: values(1, 128), b1: values(128, 1) });
  const costs: number[] = [];
  for (let step = 0; step < 10; step++) {
    costs.push(resident.run({ X: values(64, 512), Y: values(1, 512) })["cost"]!.data[0]!);
  }
  const weights = [...resident.state()["W1"]!.data];
  const { threads, notices, features } = engine.status();
  engine.close();
  return { costs, weights, features, threads, notices };
}
