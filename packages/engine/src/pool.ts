// One pool of threads for many programs. A word shared by all threads names the current program; a thread spins and
// sleeps inside of that program, leaves it when another one becomes current, and drops all when idle for long.
// So a switch costs no message once a program is known, and programs need not share a memory.

import { CompileError } from "@wengert/tensor";
import type { ProgramInstance } from "./instance.ts";
import { startWorker, type WorkerThread } from "./worker-thread.ts";

/** A program that the threads of a pool work on. */
export interface Runner {
  readonly pool: ThreadPool;
  /**
   * Runs the program once.
   * @throws CompileError when a thread failed, this one or another, now or earlier: the program's memory is then of no
   * use.
   */
  step(): void;
  /** The error of the step that failed. */
  failure(): CompileError | undefined;
}

/** How a pool fares. */
export interface PoolStatus {
  /** Threads that take part, the calling one included. */
  readonly threads: number;
  /** What went wrong, a sentence each; everything goes on with the threads that are left. */
  readonly notices: readonly string[];
}

/** Threads that help the calling one. */
export interface ThreadPool {
  status(): PoolStatus;
  /** Starts the threads and resolves when each has started or failed to; nobody needs to wait, a program runs without. */
  ready(): Promise<void>;
  /** Prepares a program for `step`; threads come to it when it is first run. */
  runner(instance: ProgramInstance): Runner;
  /** Ends all threads; programs go on without them. */
  close(): void;
}

/** A thread, and what it knows. */
interface Member {
  readonly number: number;
  readonly thread: WorkerThread;
  /** Resolves when it has started, or never will. */
  readonly ready: Promise<void>;
  readonly settle: () => void;
  /** Programs that it was sent, the latest last. */
  known: Program[];
}

interface Pool {
  readonly workers: number;
  /** Threads start when a program first has work for them. */
  started: boolean;
  readonly members: Map<number, Member>;
  readonly notices: string[];
  readonly control: Int32Array;
  /** The program that threads are in, or will be in when they are next free. */
  current: Program | undefined;
  /** The number that was given last. */
  lastNumber: number;
  /** Ends the threads when nothing refers to the pool any more. It must live as long as they do. */
  readonly abandoned: FinalizationRegistry<Pool>;
}

interface Program {
  /** No two programs that threads know have the same; one that all have forgotten gets another when it comes back. */
  number: number;
  readonly instance: ProgramInstance;
}

/** Programs whose memory a thread keeps hold of, besides the current one. */
const remembered = 8;

/** Words of `control`; thread `t` has the word `sleepers + t`. */
const words = { current: 0, sleepers: 1 } as const;

/** A pool of so many threads besides the calling one. Threads that cannot start are noticed in `status`. */
export function threadPool(workers: number): ThreadPool {
  const bytes = 4 * (words.sleepers + 1 + workers);
  const pool: Pool = {
    workers,
    started: false,
    members: new Map(),
    notices: [],
    control: new Int32Array(workers > 0 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)),
    current: undefined,
    lastNumber: 0,
    abandoned: new FinalizationRegistry(close),
  };
  const handle: ThreadPool = {
    status: () => ({
      threads: 1 + (pool.started ? pool.members.size : workers),
      notices: [...pool.notices],
    }),
    ready: () => {
      start(pool);
      return allReady([...pool.members.values()]);
    },
    runner: (instance) => runnerOf(pool, handle, instance),
    close: () => close(pool),
  };
  pool.abandoned.register(handle, pool);
  return handle;
}

function start(pool: Pool): void {
  if (pool.started) return;
  for (let number = 1; number <= pool.workers; number++)
    if (!pool.members.has(number) && !startMember(pool, number)) return;
  pool.started = true;
}

/** False where too many calls are nested for it now: that is the caller's, and there will be another time. */
function startMember(pool: Pool, number: number): boolean {
  let settle = (): void => {};
  const ready = new Promise<void>((resolve) => {
    settle = resolve;
  });
  try {
    const thread = startWorker(`wengert ${number}`, {
      said: (message) => (message === "ready" ? settle() : release(pool)),
      lost: (reason) => {
        const member = pool.members.get(number);
        // After `close` an end is nothing to speak of.
        if (member === undefined) return;
        dismiss(pool, member);
        pool.notices.push(`thread ${number} is lost: ${reason}`);
      },
    });
    pool.members.set(number, { number, thread, ready, settle, known: [] });
  } catch (error) {
    if (error instanceof RangeError) return false;
    pool.notices.push(`thread ${number} cannot be started: ${String(error)}`);
  }
  return true;
}

async function allReady(members: readonly Member[]): Promise<void> {
  for (const { thread } of members) thread.hold(true);
  await Promise.all(members.map(({ ready }) => ready));
  for (const { thread } of members) thread.hold(false);
}

/** Lets go of the current program when all threads have, so that nothing keeps its memory. */
function release(pool: Pool): void {
  const asleep = (number: number): boolean => Atomics.load(pool.control, words.sleepers + number) === 1;
  if (![...pool.members.keys()].every(asleep)) return;
  Atomics.store(pool.control, words.current, 0);
  pool.current = undefined;
}

function close(pool: Pool): void {
  pool.started = true;
  // A thread may end some time after it was told to, and takes no more part until then.
  Atomics.store(pool.control, words.current, 0);
  pool.current?.instance.exports.leave?.();
  for (const member of pool.members.values()) dismiss(pool, member);
}

function dismiss(pool: Pool, member: Member): void {
  pool.members.delete(member.number);
  // Nobody is left who could say that it has let go of the program.
  if (pool.members.size === 0) pool.current = undefined;
  rouse(pool.control, member);
  member.settle();
  member.thread.terminate();
}

function runnerOf(pool: Pool, handle: ThreadPool, instance: ProgramInstance): Runner {
  const program: Program = { number: 0, instance };
  const { exports } = instance;
  const shares = (exports.shares?.() ?? 0) > 0;
  let failure: CompileError | undefined;
  return {
    pool: handle,
    failure: () => failure,
    step() {
      if (failure !== undefined) throw failure;
      if (shares) gather(pool, program);
      try {
        if (exports.step() !== 0) failure = lostThread();
      } catch (cause) {
        failure = stopped(cause);
      }
      if (failure !== undefined) fail(pool);
      if (failure !== undefined) throw failure;
    },
  };
}

/** Calls all threads to a program; does nothing but read two words when they are there. */
function gather(pool: Pool, program: Program): void {
  start(pool);
  if (pool.members.size === 0) return;
  const { control, current } = pool;
  const someSleep = Atomics.load(control, words.sleepers) !== 0;
  if (current === program && !someSleep) return;
  if (someSleep) for (const member of pool.members.values()) rouse(control, member);
  if (current !== program) {
    name(pool, program);
    program.instance.exports.enter?.(program.number);
    Atomics.store(control, words.current, program.number);
    pool.current = program;
  }
  for (const member of pool.members.values()) invite(control, member, program);
  // In the same memory, entering the one was leaving the other.
  if (current !== undefined && current.instance.memory !== program.instance.memory)
    current.instance.exports.leave?.();
}

/** A thread that sleeps has forgotten everything. */
function rouse(control: Int32Array, member: Member): void {
  if (Atomics.exchange(control, words.sleepers + member.number, 0) === 0) return;
  Atomics.sub(control, words.sleepers, 1);
  member.known = [];
}

/** Gives a program that no thread knows a number that no other has. Conductors have 16 bits for it. */
function name(pool: Pool, program: Program): void {
  const known = [...pool.members.values()].flatMap((member) => member.known);
  if (known.includes(program)) return;
  const taken = new Set(known.map(({ number }) => number));
  do pool.lastNumber = (pool.lastNumber % 65_535) + 1;
  while (taken.has(pool.lastNumber));
  program.number = pool.lastNumber;
}

/** Sends a program to a thread that does not know it. */
function invite(control: Int32Array, member: Member, program: Program): void {
  const others = member.known.filter((each) => each !== program);
  const isKnown = others.length < member.known.length;
  const forgotten = others.slice(0, Math.max(0, others.length - remembered));
  member.known = [...others.slice(forgotten.length), program];
  if (isKnown) return;
  const { module, memory } = program.instance;
  const forget = forgotten.map(({ number }) => number);
  member.thread.post({ control, thread: member.number, program: program.number, module, memory, forget });
}

/** Who has failed is not known, and may still write to the program's memory: all threads end. */
function fail(pool: Pool): void {
  const notice = "a thread failed or did not finish in time: programs run on one thread from now on";
  if (pool.members.size > 0) pool.notices.push(notice);
  close(pool);
}

const help = "compile the graph again; if it was bound, bind the last state that you saved";

function lostThread(): CompileError {
  return new CompileError("run: a thread failed or did not finish in time", { help });
}

/** Too many nested calls are the caller's; nothing else stops a kernel that is right. */
function stopped(cause: unknown): CompileError {
  const stage = cause instanceof RangeError ? "run" : "bug";
  return new CompileError(`${stage}: a program was stopped in its middle: ${String(cause)}`, { help, cause });
}
