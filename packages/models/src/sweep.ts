// Many trainings over choices of hyperparameters, and one table of how each did. Every choice is checked before the
// first one is trained.

import { formatNumber, InputError } from "@wengert/tensor";
import type { Examples } from "./examples-check.ts";
import type { StopReason } from "./fit.ts";
import { editHyperparameters, type Hyperparameters } from "./hyperparameters.ts";
import type { Change } from "./sweep-choices.ts";
import { formatTable } from "./tables.ts";
import { requireTrainable, train, type TrainOptions } from "./train.ts";

/** How one choice did. */
export interface SweepRow {
  readonly change: Change;
  readonly hyperparameters: Hyperparameters;
  readonly stoppedBecause: StopReason;
  /** Epochs that were run. */
  readonly epochs: number;
  /** Of the last epoch; NaN where the first one diverged. */
  readonly cost: number;
  readonly accuracy: number;
  /** Of the best epoch, where validation examples were given. */
  readonly validationCost?: number;
  readonly validationAccuracy?: number;
}

/** How to sweep. */
export interface SweepOptions extends Omit<TrainOptions, "initial"> {
  /** Called after every choice, with its row and its place in the list. */
  readonly onRow?: (row: SweepRow, index: number) => void;
}

/**
 * Trains once for every choice, and gives one row a choice in their order; a signal ends it with the rows so far.
 * @throws InputError when a choice or the data do not fit; nothing has been trained then.
 * @example
 * ```ts
 * import { circles, formatSweep, gridChoices, hyperparameters, sweep } from "@wengert/models";
 *
 * const base = hyperparameters({ features: 2, layers: [{ units: 4 }, { units: 1 }], learningRate: 0.1, epochs: 3 });
 * const rows = await sweep(base, gridChoices({ learningRate: [0.1, 1] }), circles({ m: 50 }));
 * console.log(formatSweep(rows).split("\n").length);
 * ```
 * ```text
 * 4
 * ```
 */
export async function sweep(
  base: Hyperparameters,
  choices: readonly Change[],
  data: Examples,
  options: SweepOptions = {},
): Promise<readonly SweepRow[]> {
  const { onRow, ...trainOptions } = options;
  const all = choices.map((change) =>
    editHyperparameters(base, (draft) => {
      Object.assign(draft, change);
    }),
  );
  for (const [index, chosen] of all.entries()) requireChoice(index, chosen, data, trainOptions);
  const rows: SweepRow[] = [];
  for (const [index, chosen] of all.entries()) {
    if (options.signal?.aborted === true) break;
    const { history, stoppedBecause } = await train(chosen, data, trainOptions);
    const row = rowOf(choices[index] as Change, chosen, stoppedBecause, history);
    rows.push(row);
    onRow?.(row, index);
  }
  return Object.freeze(rows);
}

/** Refuses a choice that could not be trained, by its place. */
function requireChoice(index: number, chosen: Hyperparameters, data: Examples, options: TrainOptions): void {
  try {
    requireTrainable(chosen, data, options);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(cause.rule, { context: [`choice ${index}`, ...cause.context], cause });
  }
}

function rowOf(
  change: Change,
  chosen: Hyperparameters,
  stoppedBecause: StopReason,
  history: Awaited<ReturnType<typeof train>>["history"],
): SweepRow {
  const last = history.at(-1);
  const validated = history.filter(({ validationCost }) => validationCost !== undefined);
  const costOf = ({ validationCost = Number.POSITIVE_INFINITY }: (typeof history)[number]): number =>
    validationCost;
  const best =
    validated.length === 0 ? undefined : validated.reduce((a, b) => (costOf(b) < costOf(a) ? b : a));
  return Object.freeze({
    change,
    hyperparameters: chosen,
    stoppedBecause,
    epochs: history.length,
    cost: last?.cost ?? Number.NaN,
    accuracy: last?.accuracy ?? Number.NaN,
    ...(best?.validationCost === undefined ? {} : { validationCost: best.validationCost }),
    ...(best?.validationAccuracy === undefined ? {} : { validationAccuracy: best.validationAccuracy }),
  });
}

/** The rows as text, a column for every field that some choice changes, the lowest cost first. */
export function formatSweep(rows: readonly SweepRow[]): string {
  const fields = [...new Set(rows.flatMap(({ change }) => Object.keys(change)))] as (keyof Hyperparameters)[];
  const validated = rows.some(({ validationCost }) => validationCost !== undefined);
  const header = [
    "epochs",
    "ended by",
    "cost",
    "accuracy",
    ...(validated ? ["validation cost", "validation accuracy"] : []),
  ];
  const cells = [...rows]
    .sort(byCost)
    .map((row) => [
      ...fields.map((field) => show(row.hyperparameters[field])),
      row.epochs,
      row.stoppedBecause,
      formatNumber(row.cost, 4),
      formatNumber(row.accuracy, 4),
      ...(validated
        ? [row.validationCost, row.validationAccuracy].map((x) => (x === undefined ? "" : formatNumber(x, 4)))
        : []),
    ]);
  return formatTable([...fields, ...header], cells);
}

function byCost(a: SweepRow, b: SweepRow): number {
  const rank = ({ validationCost, cost }: SweepRow): number => {
    const value = validationCost ?? cost;
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  const [x, y] = [rank(a), rank(b)];
  return x === y ? 0 : x - y;
}

function show(value: unknown): string {
  return typeof value === "number"
    ? formatNumber(value, 4)
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
}
