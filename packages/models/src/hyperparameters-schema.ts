// What every hyperparameter may be. A validator's message is the rest of the sentence "the field must be …"; fields
// that no validator names are refused.

import { shownValue } from "@wengert/tensor";
import * as v from "valibot";
import { activationNames } from "./activations.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import { initializers } from "./initializers.ts";
import { losses } from "./losses.ts";
import type { Optimizer } from "./optimizers.ts";
import type { Schedule } from "./schedules.ts";

/** One of some words. */
const oneOf = <T extends string>(words: readonly T[]) =>
  v.custom<T>((value) => words.some((word) => word === value), `one of ${words.join(", ")}`);

const numberWhere = (rule: string, holds: (x: number) => boolean) =>
  v.custom<number>((x) => typeof x === "number" && Number.isFinite(x) && holds(x), rule);

const whole = (low: number, high = Number.MAX_SAFE_INTEGER) =>
  numberWhere(
    high === Number.MAX_SAFE_INTEGER ? `a whole number from ${low}` : `a whole number from ${low} to ${high}`,
    (x) => Number.isSafeInteger(x) && x >= low && x <= high,
  );

const positive = numberWhere("a positive finite number", (x) => x > 0);
const fromZero = numberWhere("a finite number from 0", (x) => x >= 0);
const share = numberWhere("a number from 0 to below 1", (x) => x >= 0 && x < 1);
const truth = v.custom<boolean>((value) => typeof value === "boolean", "true or false");
/** A whole number from 1, or null. */
const wholeOrNull = (otherwise: string) =>
  v.custom<number | null>(
    (x) => x === null || (Number.isSafeInteger(x) && (x as number) >= 1),
    `a whole number from 1, or null for ${otherwise}`,
  );

const named = <N extends string, E extends v.ObjectEntries>(name: N, entries: E) =>
  v.strictObject({ name: v.literal(name), ...entries });

const optimizer = v.variant("name", [
  named("gradientDescent", {}),
  named("momentum", { beta: v.exactOptional(share), classical: v.exactOptional(truth) }),
  named("rmsprop", { beta: v.exactOptional(share), epsilon: v.exactOptional(positive) }),
  named("adam", {
    beta1: v.exactOptional(share),
    beta2: v.exactOptional(share),
    epsilon: v.exactOptional(positive),
  }),
  named("adamW", {
    beta1: v.exactOptional(share),
    beta2: v.exactOptional(share),
    epsilon: v.exactOptional(positive),
    weightDecay: v.exactOptional(fromZero),
  }),
]);

const factor = numberWhere("a number above 0 and at most 1", (x) => x > 0 && x <= 1);

const schedule = v.variant("name", [
  named("constant", {}),
  named("inverseTime", { decay: fromZero, every: v.exactOptional(whole(1)) }),
  named("exponential", { decay: factor, every: v.exactOptional(whole(1)) }),
  named("step", { decay: factor, every: whole(1) }),
  named("cosine", { steps: whole(1), minimum: v.exactOptional(share) }),
  named("warmUp", { steps: whole(1) }),
]);

const layer = v.strictObject({ units: whole(1), activation: oneOf(activationNames) });

// Keys of a table are its names.
const lossNames = Object.keys(losses) as readonly Hyperparameters["loss"][];
const initializerNames = Object.keys(initializers) as readonly Hyperparameters["initializer"][];

const schema: v.GenericSchema<unknown, unknown> = v.strictObject({
  features: whole(1),
  layers: v.pipe(v.array(layer), v.minLength(1, "a list of at least one layer")),
  dropout: share,
  batchNormalization: truth,
  dtype: oneOf(["f32", "f64"]),
  loss: oneOf(lossNames),
  optimizer: optimizer satisfies v.GenericSchema<Optimizer>,
  learningRate: positive,
  schedules: v.array(schedule) satisfies v.GenericSchema<Schedule[]>,
  l2: fromZero,
  initializer: oneOf(initializerNames),
  epochs: whole(1),
  batchSize: wholeOrNull("all examples"),
  shuffle: truth,
  patience: wholeOrNull("no early stopping"),
  seed: whole(0, 2 ** 32 - 1),
} satisfies Readonly<Record<keyof Hyperparameters, v.GenericSchema>>);

const descent: v.GenericSchema<unknown, unknown> = v.strictObject({
  optimizer,
  schedules: v.array(schedule),
});

/** Why a value is no optimizer with its schedules; undefined when it is. */
export function whyNoDescent(value: {
  readonly optimizer: Optimizer;
  readonly schedules: readonly Schedule[];
}): string | undefined {
  const { success, issues } = v.safeParse(descent, value, { abortEarly: true });
  return success ? undefined : sentence(issues[0]);
}

/** Why a value is no complete set of hyperparameters: field, rule and what was given; undefined when it is one. */
export function whyNot(value: unknown): string | undefined {
  const { success, issues } = v.safeParse(schema, value, { abortEarly: true });
  return success ? undefined : sentence(issues[0]);
}

type Issue = v.BaseIssue<unknown>;

function sentence(issue: Issue): string {
  const path = (issue.path ?? []).map(({ key }) => key);
  const field = path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`,
    "",
  );
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `there is no field ${field}, got ${shownValue(issue.path?.at(-1)?.value)}`;
  }
  return `${field === "" ? "the whole" : field} must be ${ruleOf(issue)}, got ${shownValue(issue.input)}`;
}

function ruleOf(issue: Issue): string {
  if (issue.type === "custom" || issue.type === "min_length") return issue.message;
  const words = issue.type === "variant" ? [...(issue.expected ?? "").matchAll(/"(\w+)"/g)] : [];
  if (words.length > 0) return `one of ${words.map(([, word]) => word).join(", ")}`;
  if (issue.type === "array") return "a list";
  if (issue.input === undefined) return "given";
  return "a record";
}
