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
   * @throws CompileError when a thread failed, now or earlier: the program's memory is then of no use.
   */
  step(): void;
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
  /** Numbers of the programs that it was sent, the latest last. */
  known: number[];
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
  programs: number;
  /** Ends the threads when nothing refers to the pool any more. It must live as long as they do. */
  readonly abandoned: FinalizationRegistry<Pool>;
}

interface Program {
  readonly number: number;
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
    programs: 0,
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
  pool.started = true;
  for (let number = 1; number <= pool.workers; number++) startMember(pool, number);
}

function startMember(pool: Pool, number: number): void {
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
    pool.notices.push(`thread ${number} cannot be started: ${String(error)}`);
  }
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
  for (const member of pool.members.values()) dismiss(pool, member);
  pool.current = undefined;
}

function dismiss(pool: Pool, member: Member): void {
  pool.members.delete(member.number);
  rouse(pool.control, member);
  member.settle();
  member.thread.terminate();
}

function runnerOf(pool: Pool, handle: ThreadPool, instance: ProgramInstance): Runner {
  // Conductors have 16 bits for a number; one returns when threads have long forgotten its former owner.
  pool.programs = (pool.programs % 65_535) + 1;
  const program: Program = { number: pool.programs, instance };
  const { exports } = instance;
  const shares = (exports.shares?.() ?? 0) > 0;
  let failure: CompileError | undefined;
  return {
    pool: handle,
    step() {
      if (failure !== undefined) throw failure;
      if (shares) gather(pool, program);
      let result = 1;
      try {
        result = exports.step();
      } finally {
        if (result !== 0) failure = fail(pool);
      }
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

/** Sends a program to a thread that does not know it. */
function invite(control: Int32Array, member: Member, { number, instance }: Program): void {
  const others = member.known.filter((each) => each !== number);
  const isKnown = others.length < member.known.length;
  const forget = others.slice(0, Math.max(0, others.length - remembered));
  member.known = [...others.slice(forget.length), number];
  if (isKnown) return;
  const { module, memory } = instance;
  member.thread.post({ control, thread: member.number, program: number, module, memory, forget });
}

/** Who has failed is not known, and may still write to the program's memory: all threads end. */
function fail(pool: Pool): CompileError {
  const notice = "a thread failed or did not finish in time: programs run on one thread from now on";
  if (pool.members.size > 0) pool.notices.push(notice);
  close(pool);
  return new CompileError("run: a thread failed or did not finish in time", {
    help: "compile the graph again; if it was bound, bind the last state that you saved",
  });
}
