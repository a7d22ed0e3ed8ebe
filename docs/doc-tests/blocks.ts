// Finds the ```ts blocks of a Markdown page, or of the doc comments of a source file.
// The blocks of a page are one program, read from top to bottom; a doc comment is a program of its own.

const modes = ["run", "no-run", "throws", "expect-error"] as const;

/** One ```ts block. */
export interface Block {
  /** Run (without a tag), only type-checked, run until it throws, or refused by the type checker. */
  readonly mode: (typeof modes)[number];
  readonly code: string;
  /** The ```text block that immediately follows. */
  readonly output: string | undefined;
  /** `path:line`, where a reader finds it. */
  readonly place: string;
}

/** A list of blocks that share one scope. */
export type Program = readonly Block[];

/** The programs of a file. */
export function programsOf(path: string, content: string): Program[] {
  if (path.endsWith(".md")) return programsOfText(path, content, 1);
  return [...content.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const text = comment[0].replaceAll(/^ *(?:\/\*\*|\*\/|\* ?)/gm, "");
    return programsOfText(path, text, lineOf(content, comment.index));
  });
}

function programsOfText(path: string, text: string, firstLine: number): Program[] {
  const together: Block[] = [];
  const alone: Block[] = [];
  for (const match of text.matchAll(/^```ts\b(.*)\n([\s\S]*?)^```$(?:\s*^```text\n([\s\S]*?)^```$)?/gm)) {
    const [, info = "", code = "", output] = match;
    const place = `${path}:${firstLine + lineOf(text, match.index) - 1}`;
    const tags = info.split(/\s+/).filter((tag) => tag !== "");
    const unknown = tags.find((tag) => tag !== "separate" && !modes.some((known) => known === tag));
    if (unknown !== undefined) throw new Error(`${place}: a ts block has the unknown tag "${unknown}"`);
    const mode = modes.find((known) => tags.includes(known)) ?? "run";
    (tags.includes("separate") ? alone : together).push({ mode, code, output, place });
  }
  return [together, ...alone.map((block) => [block])].filter((program) => program.length > 0);
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
