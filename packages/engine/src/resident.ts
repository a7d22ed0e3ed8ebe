// A program whose parameters stay in memory. Until the first run, or the first look at a place, there is no memory:
// the state that it was given waits as copies.

import {
  requireKnownFields,
  requireSizes,
  shownValue,
  copyArray,
  InputError,
  type Arrays,
  type NdArray,
  type Resident,
  type RunOptions,
  type Sizes,
  type Values,
} from "@wengert/tensor";
import { fitterOf, requireAllSizes } from "./feed-checks.ts";
import type { Context, Forms } from "./forms.ts";
import { profileOf, type KernelProfile } from "./profile.ts";
import { measureRoof } from "./roof.ts";
import { createSpace, type Form, type Space } from "./space.ts";

/** A program with its parameters in memory. */
export interface WasmResident extends Resident {
  /**
   * Outputs as copies, or with `views` in place: valid until the next run, or a view of an input for other sizes.
   * @throws InputError when values do not fit or an index is out of range; the parameters are then as before.
   * CompileError when a thread failed in the middle of a run: the parameters are then lost, and `state` says so, too.
   */
  run(inputs: Values, options?: RunOptions & { readonly views?: boolean }): Arrays;
  /**
   * An input's place in memory for the given sizes: write it, hand it to `run` as the value, and nothing is copied.
   * Valid until the program runs for other sizes, or another view is asked for with them. If the memory has grown for
   * those, nothing can be written into an old view any more, and `run` refuses it; a memory that threads share keeps it.
   */
  inputView(name: string, sizes?: Sizes): NdArray;
  /**
   * How long every kernel takes, against what this machine can do: of the program for the sizes of the last run.
   * @throws InputError when the engine was not told to measure, or nothing has run.
   */
  profile(): readonly KernelProfile[];
}

/** A resident of a graph's forms, with copies of the given values of all parameters. */
export function residentOf(context: Context, forms: Forms, given: Values): WasmResident {
  const state = fitterOf(forms.parameters, forms.dimensions)(given);
  const fit = fitterOf(forms.inputs, forms.dimensions);
  const [inputs, parameters] = [Object.keys(forms.inputs), Object.keys(forms.parameters)];
  let space: Space | undefined;
  // Copies, for the caller may write into the arrays; let go of when they are in memory.
  let begun = copies(parameters, state.arrays);
  const enter = (form: Form): Space => {
    if (space === undefined) {
      space = createSpace(form, context.pool);
      space.write(parameters, begun);
      begun = {};
    } else space.enter(form);
    return space;
  };
  return {
    run(values, options) {
      requireKnownFields("run", options, ["sizes", "views"]);
      const { views = false } = options ?? {};
      if (typeof views !== "boolean")
        throw new InputError(`run: views must be true or false, got ${shownValue(views)}`);
      for (const name of Object.keys(values ?? {}))
        if (Object.hasOwn(forms.parameters, name))
          throw new InputError(`run: a resident keeps its parameters, got a value for ${name}`);
      const { arrays, sizes } = fit(values, { kept: state.sizes, told: options?.sizes });
      const form = forms.of(sizes, space?.loaded());
      const kept = space === undefined ? arrays : space.kept(form.loaded, arrays);
      const entered = enter(form);
      entered.write(inputs, kept);
      entered.step();
      return entered.outputs(views);
    },
    state: () => (space === undefined ? copies(parameters, begun) : space.parameters(parameters)),
    profile: () => profiled(context, space),
    inputView(name, sizes = {}) {
      requirePlace(forms, name, { sizes, bound: state.sizes });
      return enter(forms.of({ ...state.sizes, ...sizes }, space?.loaded())).place(name);
    },
  };
}

function requirePlace(
  { inputs, parameters, dimensions }: Forms,
  name: string,
  { sizes, bound }: { sizes: Sizes; bound: Sizes },
): void {
  if (!Object.hasOwn(inputs, name)) {
    const given: unknown = name;
    const got = Object.hasOwn(parameters, name) ? `the parameter ${name}` : String(given);
    throw new InputError(`inputView: an input of the graph has a place, got ${got}`, {
      help: `the graph has: ${Object.keys(inputs).join(", ") || "none"}`,
    });
  }
  requireSizes("inputView", sizes, dimensions);
  requireAllSizes("inputView", { ...bound, ...sizes }, dimensions);
  for (const [dim, size] of Object.entries(sizes)) {
    if ((bound[dim] ?? size) !== size)
      throw new InputError(`inputView: ${dim} is ${bound[dim]} in the parameters, got ${size}`);
  }
}

function profiled({ options, features }: Context, space: Space | undefined): readonly KernelProfile[] {
  if (options.profile !== true) {
    throw new InputError("profile: the engine must measure, got one that does not", {
      help: "wasmEngine({ profile: true })",
    });
  }
  if (space === undefined || space.times().runs === 0)
    throw new InputError("profile: the program must have run, got no run yet");
  return profileOf(space.loaded().program, { ...space.times(), roof: measureRoof(features) });
}

function copies(names: readonly string[], arrays: Arrays): Arrays {
  return Object.fromEntries(names.map((name) => [name, copyArray(arrays[name]!)]));
}
