// The command `wengert` as a function of its arguments.

const usage = "Usage: wengert train [options]";

/** The exit code of `wengert` run with these arguments; prints to standard output. */
export function main(_args: readonly string[]): Promise<number> {
  console.log(usage);
  return Promise.resolve(0);
}
