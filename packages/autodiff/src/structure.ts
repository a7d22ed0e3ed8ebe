// What derivatives are taken with respect to: a tensor, a list or a record, taken apart and put together again.

import { DerivativeError, isTensor, shownValue, type Structure, type Tensor } from "@wengert/tensor";

/**
 * The tensors of a structure in order, and the way back.
 * @throws DerivativeError when it holds something else.
 */
export function flatten(
  stage: string,
  structure: Structure,
): {
  readonly tensors: readonly Tensor[];
  readonly rebuild: (tensors: readonly Tensor[]) => Structure;
} {
  requireTensors(stage, structure);
  if (isTensor(structure)) return { tensors: [structure], rebuild: ([tensor]) => tensor as Tensor };
  if (Array.isArray(structure)) {
    const list = structure as readonly Tensor[];
    return { tensors: list, rebuild: (tensors) => Object.freeze([...tensors]) };
  }
  const entries = Object.entries(structure);
  return {
    tensors: entries.map(([, tensor]) => tensor),
    rebuild: (tensors) =>
      Object.freeze(Object.fromEntries(entries.map(([name], i) => [name, tensors[i] as Tensor]))),
  };
}

/** @throws DerivativeError when it is no list of tensors, as JavaScript may hand over; `what` names them. */
export function requireTensorList(stage: string, what: string, list: readonly Tensor[]): void {
  const isList: boolean = Array.isArray(list);
  const odd = isList ? list.find((each) => !isTensor(each)) : list;
  if (isList && Array.from(list).every(isTensor)) return;
  throw new DerivativeError(
    `${stage}: ${what} are a list of tensors, got ${shownPart(odd)}${isList ? " among them" : ""}`,
  );
}

/** The tensor that a function gives. @throws DerivativeError when it is no function, or gives something else. */
export function valueOf<P extends readonly unknown[]>(
  stage: string,
  f: (...inputs: P) => Tensor,
  ...inputs: P
): Tensor {
  if (typeof f !== "function") throw new DerivativeError(`${stage}: takes a function, got ${shownPart(f)}`);
  const value = f(...inputs);
  if (!isTensor(value))
    throw new DerivativeError(`${stage}: the function must give a tensor, got ${shownPart(value)}`);
  return value;
}

function shownPart(part: unknown): string {
  return isTensor(part) ? "a tensor" : shownValue(part);
}

function requireTensors(stage: string, structure: unknown): void {
  const rule = "takes a tensor, a list or a record of tensors";
  if (typeof structure !== "object" || structure === null) {
    throw new DerivativeError(`${stage}: ${rule}, got ${structure === null ? "null" : typeof structure}`);
  }
  if (isTensor(structure)) return;
  // A place of a list that holds nothing counts as one that holds `undefined`.
  const parts: object = Array.isArray(structure) ? Array.from(structure) : structure;
  for (const [name, part] of Object.entries(parts) as [string, unknown][]) {
    if (isTensor(part)) continue;
    const got = Array.isArray(part) ? "a list" : part === null ? "null" : typeof part;
    throw new DerivativeError(`${stage}: ${rule}, got ${got} at ${name}`);
  }
}

/**
 * The tensors of a structure in the order of another one's.
 * @throws DerivativeError when they have not the same parts.
 */
export function tensorsLike(stage: string, structure: Structure, like: Structure): readonly Tensor[] {
  const { tensors } = flatten(stage, structure);
  const [names, wanted] = [namesOf(structure), namesOf(like)];
  if (names.length !== wanted.length || wanted.some((name) => !names.includes(name))) {
    const got = `${names.join(", ") || "none"} for ${wanted.join(", ") || "none"}`;
    throw new DerivativeError(`${stage}: a direction has the parts of the point, got ${got}`);
  }
  return wanted.map((name) => tensors[names.indexOf(name)] as Tensor);
}

function namesOf(structure: Structure): readonly string[] {
  return isTensor(structure) ? ["the tensor"] : Object.keys(structure);
}
