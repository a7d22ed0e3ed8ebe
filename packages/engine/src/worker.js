// A thread of the pool: it takes part in one program after another. It is started by its URL, from the sources as from
// dist, in Node and in browsers: hence plain JavaScript that imports nothing.

/**
 * What the pool sends: a program that may soon be the current one.
 * @typedef {object} Invitation
 * @property {Int32Array} control words of the pool: the current program, how many threads sleep, and which
 * @property {number} thread
 * @property {number} program
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {readonly number[]} forget programs that will not come back soon
 */

/** @typedef {{ work(thread: number, program: number): number, fail(): void }} Exports */

const port = /** @type {typeof self} */ (
  /** @type {{ process?: { getBuiltinModule?(name: string): { parentPort: unknown } } }} */ (
    /** @type {unknown} */ (globalThis)
  ).process?.getBuiltinModule?.("node:worker_threads").parentPort ?? globalThis
);

/** @type {Map<number, Invitation>} */
const invitations = new Map();
/** @type {Map<number, Exports>} */
const instances = new Map();

/**
 * The program's functions, instantiated when they are first needed.
 * @param {number} program
 * @returns {Exports | undefined}
 */
function exportsOf(program) {
  const known = instances.get(program);
  const invitation = invitations.get(program);
  if (known !== undefined || invitation === undefined) return known;
  const { module, memory } = invitation;
  // As in memory.ts: without it, a thread's garbage would keep the memory of programs that are long forgotten.
  Object.assign(memory, { ballast: new ArrayBuffer(Math.min(memory.buffer.byteLength, 2 ** 28)) });
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory, now: () => performance.now() },
  });
  const made = /** @type {Exports} */ (/** @type {unknown} */ (exports));
  instances.set(program, made);
  return made;
}

/**
 * Takes part in whatever program is the current one, until that is an unknown one or nothing has happened for long.
 * @param {Invitation} invitation
 */
function takePart({ control, thread }) {
  for (;;) {
    // An unknown program is on its way: the message comes when this function has returned.
    const program = Atomics.load(control, 0);
    const exports = exportsOf(program);
    if (exports === undefined) return;
    if (work(exports, thread, program) !== 0) return sleep(control, thread);
  }
}

/**
 * @param {Exports} exports
 * @param {number} thread
 * @param {number} program
 */
function work(exports, thread, program) {
  try {
    return exports.work(thread, program);
  } catch (error) {
    exports.fail();
    throw error;
  }
}

/**
 * Lets go of every program, so that their memory can be freed, and waits for the next message.
 * @param {Int32Array} control
 * @param {number} thread
 */
function sleep(control, thread) {
  invitations.clear();
  instances.clear();
  Atomics.store(control, 1 + thread, 1);
  Atomics.add(control, 1, 1);
  port.postMessage("asleep");
}

port.addEventListener("message", (/** @type {MessageEvent<Invitation>} */ { data }) => {
  for (const program of data.forget) {
    invitations.delete(program);
    instances.delete(program);
  }
  invitations.set(data.program, data);
  takePart(data);
});
port.postMessage("ready");
