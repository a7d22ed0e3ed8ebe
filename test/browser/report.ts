// A page tells the server that served it how it fared, errors and violations of its policy included.

/** What a page sends. */
export interface Report {
  readonly isolated: boolean;
  readonly result?: unknown;
  readonly error?: string;
  readonly violations: readonly string[];
}

/** Runs something and sends what came of it to `/report`. */
export async function report(run: () => Promise<unknown>): Promise<void> {
  const violations: string[] = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    violations.push(`${violatedDirective}: ${blockedURI}`);
  });
  const outcome = await run().then(
    (result) => ({ result }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  const body: Report = { isolated: crossOriginIsolated, violations, ...outcome };
  await fetch("/report", { method: "POST", body: JSON.stringify(body) });
}
