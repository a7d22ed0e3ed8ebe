// The engine in a browser: pages under a strict content security policy, with and without isolation from other origins
// (so with threads and without), bundled by Vite and not at all. Their numbers must be Node's, bit for bit.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { build, transformWithOxc } from "vite";
import type { Report } from "../test/browser/report.ts";
import { type Outcome, train } from "../test/browser/scenario.ts";

const root = join(import.meta.dirname, "..");
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

/** The packages for a page without a bundler. */
const importMap = JSON.stringify({
  imports: {
    "@wengert/tensor": "/packages/tensor/dist/index.js",
    "@wengert/autodiff": "/packages/autodiff/dist/index.js",
    "@wengert/compiler": "/packages/compiler/dist/index.js",
    "@wengert/engine": "/packages/engine/dist/index.js",
    immer: "/packages/tensor/node_modules/immer/dist/immer.production.mjs",
  },
});
const hash = createHash("sha256").update(importMap).digest("base64");

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".ts": "text/javascript",
};

interface Site {
  readonly folder: string;
  readonly page: string;
  readonly isolated: boolean;
}

/** A file of the site as it is sent; sources are stripped of their types. */
async function contentOf(site: Site, path: string): Promise<string | undefined> {
  if (path === "/plain.html") {
    return `<!doctype html><script type="importmap">${importMap}</script><script type="module" src="/test/browser/plain-page.ts"></script>`;
  }
  const file = join(site.folder, normalize(path));
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  return extname(file) === ".ts" ? (await transformWithOxc(text, file)).code : text;
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const content = await contentOf(site, path);
  if (content === undefined) {
    if (path !== "/favicon.ico") console.error(`not found: ${path}`);
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "content-type": types[extname(path)] ?? "text/plain",
    "content-security-policy": `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`,
    ...(site.isolated
      ? { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }
      : {}),
  });
  response.end(content);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Opens the page in a browser of its own and waits for its report. */
async function visit(browser: string, site: Site): Promise<Report> {
  const profile = mkdtempSync(join(tmpdir(), "wengert-chromium-"));
  const { promise, resolve, reject } = withResolvers<Report>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST") return answer(site, request, response);
    resolve(JSON.parse(await bodyOf(request)) as Report);
    response.end();
  };
  const server = createServer((request, response) => {
    take(request, response).catch(reject);
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const flags =
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  const { port } = server.address() as AddressInfo;
  const page = `http://127.0.0.1:${port}/${site.page}`;
  const child = spawn(browser, [...flags.split(" "), `--user-data-dir=${profile}`, page], {
    stdio: "ignore",
    detached: true,
  });
  const timer = setTimeout(() => reject(new Error(`${site.page}: no report within two minutes`)), 120_000);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    const ended = new Promise((closed) => {
      child.on("close", closed);
    });
    // Its processes are a group, and still write to the profile when the first of them has ended.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await ended;
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
} {
  let settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}

/** What is wrong with a report: nothing when the page agrees with Node. */
function faults({ isolated }: Site, told: Report, expected: Outcome): string[] {
  const result = told.result as
    | { training: Outcome; threads?: { right: boolean; platform: { threads: boolean } } }
    | undefined;
  if (result === undefined) return [told.error ?? "no result"];
  const { training, threads } = result;
  const claims: readonly [boolean, string][] = [
    [told.isolated === isolated, `isolated: ${told.isolated}`],
    [told.violations.length === 0, `policy violated: ${told.violations.join(", ")}`],
    [training.notices.length === 0, `notices: ${training.notices.join(", ")}`],
    [isolated ? training.threads > 1 : training.threads === 1, `${training.threads} threads`],
    [
      isDeepStrictEqual(training.features, expected.features),
      `features: ${JSON.stringify(training.features)}`,
    ],
    [isDeepStrictEqual(training.costs, expected.costs), `costs: ${training.costs.join(" ")}`],
    [isDeepStrictEqual(training.weights, expected.weights), "weights differ from Node's"],
    [threads === undefined || (threads.right && threads.platform.threads === isolated), "threads by hand"],
  ];
  return claims.filter(([holds]) => !holds).map(([, what]) => what);
}

async function compareAll(browser: string): Promise<void> {
  execFileSync("npx", ["tsc", "-b", "packages/engine", "packages/autodiff"], { cwd: root, stdio: "inherit" });
  const bundle = mkdtempSync(join(tmpdir(), "wengert-browser-"));
  await build({
    root: join(root, "test/browser"),
    base: "./",
    logLevel: "warn",
    resolve: { conditions: ["@wengert/source", "module", "browser", "production"] },
    worker: { format: "es" },
    build: { outDir: bundle, emptyOutDir: true, target: "es2023" },
  });
  const expected = await train();
  const sites = [true, false].flatMap((isolated): Site[] => [
    { folder: bundle, page: "index.html", isolated },
    { folder: root, page: "plain.html", isolated },
  ]);
  for (const site of sites) {
    const wrong = faults(site, await visit(browser, site), expected);
    const name = `${site.page === "index.html" ? "bundled by Vite" : "without a bundler"}, ${site.isolated ? "isolated" : "not isolated"}`;
    console.log(wrong.length === 0 ? `✓ ${name}` : `✗ ${name}: ${wrong.join("; ")}`);
    if (wrong.length > 0) process.exitCode = 1;
  }
  rmSync(bundle, { recursive: true });
}

if (chromium === undefined)
  console.log("no Chromium was found, so nothing was run: apt-get install chromium");
else await compareAll(chromium);
