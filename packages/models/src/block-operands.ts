// Whether records of parameters are those of layers 1 to L. What is missing or too many would fail somewhere inside,
// or be passed over in silence, such as the scales of a normalized network.

import { InputError, type Tensor } from "@wengert/tensor";
import { activationNames, activations, type Activation, type ActivationName } from "./activations.ts";

/** W and b of one layer. */
export interface LayerParameters {
  readonly W: Tensor;
  readonly b: Tensor;
}

/** The parameters of layers 1 to L in order. @throws InputError when one is missing or is none of a layer's. */
export function layerParameters(
  op: string,
  parameters: Readonly<Record<string, Tensor>>,
): readonly LayerParameters[] {
  const layers: LayerParameters[] = [];
  for (let l = 1; Object.hasOwn(parameters, `W${l}`); l++) {
    layers.push({ W: parameters[`W${l}`] as Tensor, b: required(op, parameters, `b${l}`) });
  }
  if (layers.length === 0) required(op, parameters, "W1");
  const stray = Object.keys(parameters).find((name) => !isLayers(name, layers.length));
  if (stray === undefined) return layers;
  throw new InputError(
    `${op}: parameters must be W1, b1 to W${layers.length}, b${layers.length}, got ${stray}`,
  );
}

/** The tensor of that name. @throws InputError when there is none. */
export function required(op: string, record: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const found = Object.hasOwn(record, name) ? record[name] : undefined;
  if (found !== undefined) return found;
  throw new InputError(`${op}: there must be ${name}, got ${Object.keys(record).join(", ") || "none"}`);
}

function isLayers(name: string, layers: number): boolean {
  const number = /^[Wb]([1-9]\d*)$/.exec(name)?.[1];
  return number !== undefined && Number(number) <= layers;
}

/** The activation of that name. @throws InputError when there is none. */
export function requiredActivation(op: string, name: ActivationName): Activation {
  if (activationNames.includes(name)) return activations[name];
  throw new InputError(
    `${op}: the activation must be one of ${activationNames.join(", ")}, got ${name as string}`,
  );
}
