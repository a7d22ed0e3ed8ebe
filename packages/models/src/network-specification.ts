// What an L-layer network is, as plain data: checked once, frozen, and equal parts kept by reference.

import { requireKnownFields, InputError, type DType, shownValue } from "@wengert/tensor";
import { activationNames, type ActivationName } from "./activations.ts";

/** The hyperparameters that shape a network. */
export interface NetworkSpecification<
  Units extends readonly number[] = readonly number[],
  Normalized extends boolean = boolean,
> {
  /** n[0] features, then the units of every layer: `[784, 128, 10]` has two layers. */
  readonly units: Units;
  /** The activation of all hidden layers, or one for each; default `relu`. */
  readonly hidden?: ActivationName | readonly ActivationName[];
  /** The activation of the last layer; default `sigmoid`. */
  readonly output?: ActivationName;
  /** The share of hidden units that dropout silences while training; default 0. */
  readonly dropout?: number;
  /** Whether hidden layers normalize Z over the batch; default false. */
  readonly batchNormalization?: Normalized;
  /** `f32` (the default) or `f64`. */
  readonly dtype?: "f32" | "f64";
}

/** A specification with nothing left open. */
export interface CheckedSpecification {
  readonly units: readonly number[];
  /** One activation a layer, the output's last. */
  readonly activations: readonly ActivationName[];
  readonly dropout: number;
  readonly batchNormalization: boolean;
  readonly dtype: DType & ("f32" | "f64");
}

const fields: readonly (keyof NetworkSpecification)[] = [
  "units",
  "hidden",
  "output",
  "dropout",
  "batchNormalization",
  "dtype",
];

function refuse(field: string, rule: string, got: unknown): never {
  throw new InputError(`lLayerNetwork: ${field} ${rule}, got ${shownValue(got)}`);
}

/**
 * The specification with its defaults.
 * @throws InputError that names the field that does not fit.
 */
export function checkedSpecification(specification: NetworkSpecification): CheckedSpecification {
  requireKnownFields("lLayerNetwork", specification, fields);
  const { dropout = 0, batchNormalization = false, dtype = "f32" } = specification;
  const units = checkedUnits(specification.units);
  const activations = checkedActivations(units.length - 1, specification);
  if (!(dropout >= 0 && dropout < 1)) refuse("dropout", "must be from 0 to below 1", dropout);
  if (typeof batchNormalization !== "boolean") {
    refuse("batchNormalization", "must be true or false", batchNormalization);
  }
  if (dtype !== "f32" && dtype !== "f64") refuse("dtype", "must be f32 or f64", dtype);
  return Object.freeze({ units, activations, dropout, batchNormalization, dtype });
}

function checkedUnits(units: readonly number[]): readonly number[] {
  // Callers without types may give anything.
  if (
    isList(units) &&
    units.length >= 2 &&
    Array.from(units).every((n) => Number.isSafeInteger(n) && n > 0)
  ) {
    return Object.freeze([...units]);
  }
  return refuse("units", "must be at least two whole numbers from 1", units);
}

/** One activation a layer. */
function checkedActivations(
  layers: number,
  { hidden = "relu", output = "sigmoid" }: Pick<NetworkSpecification, "hidden" | "output">,
): readonly ActivationName[] {
  const inner: readonly ActivationName[] = activationNames.filter((name) => name !== "softmax");
  const list: readonly ActivationName[] =
    typeof hidden === "string" ? Array.from({ length: layers - 1 }, () => hidden) : hidden;
  if (!isList(list) || list.length !== layers - 1) {
    refuse("hidden", `must be one activation, or ${layers - 1}`, hidden);
  }
  // A single name is checked also where no layer takes it.
  for (const name of typeof hidden === "string" ? [hidden] : list) {
    if (!inner.includes(name)) refuse("hidden", `must be one of ${inner.join(", ")}`, name);
  }
  if (!activationNames.includes(output)) {
    refuse("output", `must be one of ${activationNames.join(", ")}`, output);
  }
  return Object.freeze([...list, output]);
}

/** As `Array.isArray`, which would open the type of the elements to any. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
