// Runs a WASM benchmark in a worker of a browser: `node wasm.mjs FILE.wasm`, as cargo's runner.
//
// $HONEYGUIDE_BENCH is the table's title, $HONEYGUIDE_WASM_OPT the options of wasm-opt.
//
// The page is cross-origin isolated, where a browser's clock steps by 5 µs instead of 100.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { Stage } from "../e2e/harness.mjs";
import { head } from "./table.mjs";

const MODULE = "bench";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const PAGE = "<!doctype html><title>Benchmark</title>";
const WORKER = `import init from "./${MODULE}.js"; await init();`;

const [wasm] = process.argv.slice(2);
assert.ok(wasm, "usage: node wasm.mjs FILE.wasm");
const folder = await mkdtemp(path.join(tmpdir(), "honeyguide-bench-"));
const stage = new Stage();
let server;
try {
  await bind(wasm);
  server = await serve();
  stage.origin = `http://127.0.0.1:${server.address().port}`;
  const { page, context } = await stage.visit({ open: false });
  head(process.env.HONEYGUIDE_BENCH, `Chromium ${context.browser().version()}`);
  await page.exposeFunction("benchRow", row);
  await page.goto(stage.origin);
  await page.evaluate(work);
  stage.assertClean();
} finally {
  await stage.end();
  server?.close();
  await rm(folder, { recursive: true });
}

/** The same steps as for the shipped workers, so that the same code runs. */
async function bind(file) {
  const made = path.join(folder, `${MODULE}_bg.wasm`);
  const names = ["--out-dir", folder, "--out-name", MODULE];
  const run = (program, options) => execFileSync(program, options, { stdio: "inherit" });
  run("wasm-bindgen", ["--target", "web", "--no-typescript", ...names, file]);
  run("wasm-opt", [...process.env.HONEYGUIDE_WASM_OPT.split(" "), made, "-o", made]);
}

async function serve() {
  const server = createServer(async (request, response) => {
    const name = path.basename(new URL(request.url, "http://localhost").pathname) || "index.html";
    const own = { "index.html": PAGE, "worker.js": WORKER, "favicon.ico": "" }[name];
    const body = own ?? (await readFile(path.join(folder, name)).catch(() => undefined));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": TYPES[path.extname(name)] ?? "application/octet-stream",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Runs in the page: starts the worker and hands its rows over until an empty one. */
function work() {
  if (!crossOriginIsolated) throw new Error("the page is not isolated, so its clock is coarse");
  return new Promise((resolve, reject) => {
    const worker = new Worker("worker.js", { type: "module" });
    worker.onerror = (event) => reject(new Error(`the worker died: ${event.message}`));
    worker.onmessage = ({ data }) => (data.length > 0 ? globalThis.benchRow(data) : resolve());
  });
}

/** The same layout as the native table. */
function row([name, ...cells]) {
  console.log([name.padEnd(64), ...cells.map((cell) => cell.padStart(13))].join(" ").trimEnd());
}
