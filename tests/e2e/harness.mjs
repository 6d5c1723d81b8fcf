// Starts the server and the browser for one test, and watches both.
//
// A test fails, whatever it asserts, when the page logs an error, throws, asks another origin for
// anything, or has a request fail that the test did not announce.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";

import { chromium } from "playwright-core";

const PATIENCE = 30_000;

/** A switch of the browser: on x86 it has no WASM vectors without these instructions. */
export const WITHOUT_SIMD =
  "--js-flags=--no-enable-sse4-1,--no-enable-ssse3,--no-enable-sse4-2,--no-enable-avx,--no-enable-avx2";

/**
 * Runs a test with a server, and ends everything it started, in reverse order.
 *
 * - `pack`: makes the pack to serve
 * - `serve`: false leaves the server to the test
 */
export function check(name, options, body) {
  if (typeof options === "function") [options, body] = [{}, options];
  test(name, { timeout: 180_000 }, async () => {
    const stage = new Stage();
    try {
      if (options.serve !== false) await stage.serve(await options.pack?.());
      await body(stage);
      stage.assertClean();
    } finally {
      await stage.end();
    }
  });
}

/** A server, and the browsers that visit it. */
export class Stage {
  origin = "";
  visits = [];
  #ends = [];

  /** Ends the server. */
  stop = async () => {};

  /** Starts `honeyguide serve`, on a free port or a given one, with the built page or another. */
  async serve(pack, { port = 0, dir = required("HONEYGUIDE_DIST") } = {}) {
    const bin = required("HONEYGUIDE_BIN");
    const args = ["serve", "--dir", dir, "--port", String(port)];
    if (pack) args.push("--pack", pack);
    const server = spawn(bin, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.stop = async () => {
      if (server.exitCode !== null) return;
      server.kill("SIGTERM");
      const [code] = await once(server, "exit");
      assert.equal(code, 0, "the server stops cleanly when asked to");
    };
    this.#ends.push(this.stop);
    this.origin = await new Promise((resolve, reject) => {
      let said = "";
      server.stdout.on("data", (bytes) => {
        said += bytes;
        const address = said.match(/http:\/\/[\d.]+:\d+/);
        if (address) resolve(address[0]);
      });
      server.once("error", reject);
      server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    });
  }

  /** Calls something when the test ends, before what was started earlier ends. */
  atEnd(end) {
    this.#ends.push(end);
  }

  /** A new folder for a browser's profile, removed at the end. */
  async folder() {
    const folder = await mkdtemp(path.join(tmpdir(), "honeyguide-"));
    this.#ends.push(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
    return folder;
  }

  /**
   * Starts a browser and opens the page.
   *
   * - `folder`: profile folder; the same one again is the same visitor after a restart
   * - `blockStorage`: the browser refuses cookies and all storage
   * - `phone`: the size of a phone, with touch
   * - `viewport`, `deviceScaleFactor`: another size
   * - `colours`: "light" or "dark"
   * - `locale`: the browser's language; "en-US" if it is left out
   * - `expect`: patterns of console errors and failed requests that belong to the test
   * - `before`: called with the visit before the page is opened
   * - `open`: false leaves the page to the test
   * - `webgpu`: with WebGPU, in software where there is no graphics card, or without it; as the
   *   environment says if it is left out
   * - `query`: of the page's address, with the question mark
   * - `args`: more switches of the browser
   */
  async visit(options = {}) {
    const folder = options.folder ?? (await this.folder());
    if (options.blockStorage) await blockStorage(folder);
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: required("HONEYGUIDE_CHROMIUM"),
      headless: false, // The flag below asks for the headless mode that is the real browser.
      args: [
        ...(options.args ?? []),
        "--headless=new",
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        ...(options.webgpu ?? process.env.HONEYGUIDE_WEBGPU === "1" ? ["--enable-unsafe-webgpu"] : []),
      ],
      acceptDownloads: true,
      colorScheme: options.colours ?? "light",
      locale: options.locale ?? "en-US",
      reducedMotion: options.reducedMotion ?? "no-preference",
      viewport: options.viewport ?? (options.phone ? { width: 390, height: 844 } : { width: 1280, height: 800 }),
      deviceScaleFactor: options.deviceScaleFactor ?? (options.phone ? 3 : 1),
      hasTouch: Boolean(options.phone),
      isMobile: Boolean(options.phone),
    });
    const visit = new Visit(this.origin, folder, context, options);
    this.visits.push(visit);
    this.#ends.push(() => visit.close());
    await options.before?.(visit);
    if (options.open !== false) await visit.open();
    return visit;
  }

  assertClean() {
    for (const visit of this.visits) visit.assertClean();
  }

  async end() {
    const errors = [];
    for (const end of this.#ends.reverse()) await end().catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }
}

/** One browser at the page. */
export class Visit {
  /** Every request of page and workers: { url, method, bytes, navigation }. */
  requests = [];
  /** Console errors, exceptions and failed requests, as text. */
  troubles = [];
  #expect;

  constructor(origin, folder, context, { expect = [], query = "" }) {
    this.origin = origin;
    this.query = query;
    this.folder = folder;
    this.context = context;
    this.page = context.pages()[0];
    this.#expect = expect;
    context.on("request", (request) => {
      this.requests.push({
        url: request.url(),
        method: request.method(),
        bytes: request.postDataBuffer()?.length ?? 0,
        navigation: request.isNavigationRequest(),
      });
    });
    context.on("requestfailed", (request) => {
      this.#trouble(`request failed: ${request.url()} ${request.failure()?.errorText}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400) {
        this.#trouble(`request failed: ${response.url()} ${response.status()}`);
      }
    });
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      this.#trouble(`console error: ${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => {
      this.#trouble(`exception: ${error.error().stack ?? error.error()}`);
    });
  }

  #trouble(text) {
    if (!this.#expect.some((pattern) => pattern.test(text))) this.troubles.push(text);
  }

  /** Opens the page and waits until the ranker has answered. */
  async open(page = this.page) {
    await page.goto(`${this.origin}/${this.query}`);
    await this.ready(page);
  }

  async ready(page = this.page) {
    await page.waitForSelector('html[data-ready="true"]', { state: "attached", timeout: PATIENCE });
  }

  /** Opens the page in another tab of the same browser. */
  async tab() {
    const page = await this.context.newPage();
    await this.open(page);
    return page;
  }

  assertClean() {
    assert.deepEqual(this.troubles, []);
    const foreign = this.requests
      .map((request) => request.url)
      .filter((url) => /^(https?|wss?):/.test(url) && new URL(url).origin !== new URL(this.origin).origin);
    assert.deepEqual(foreign, [], "the page asks nobody but its own server");
  }

  /** Bytes that left in bodies and query strings, from the browser's network log. */
  bytesSent() {
    return this.requests
      .filter((request) => !request.navigation)
      .map((request) => Math.max(0, new URL(request.url).search.length - 1) + request.bytes)
      .reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Ends the browser as a crash would: no page or worker gets to say goodbye. */
  async kill() {
    const session = await this.context.browser().newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const closed = once(this.context, "close");
    for (const { id } of processInfo.filter(({ type }) => type === "browser")) {
      process.kill(id, "SIGKILL");
    }
    await closed;
    // The lock names a process that is gone; a new browser on the folder would ask about it.
    await rm(path.join(this.folder, "SingletonLock"), { force: true });
  }

  async close() {
    await this.context.close();
  }
}

/** What the browser's settings write when a visitor blocks all cookies and site data. */
async function blockStorage(folder) {
  await mkdir(path.join(folder, "Default"), { recursive: true });
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(path.join(folder, "Default", "Preferences"), JSON.stringify(preferences));
}

function required(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: start these tests with \`cargo xtask test\``);
  return value;
}

/** Waits until `probe` gives something true, and returns that. */
export async function until(probe, what, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await probe();
    if (value) return value;
    assert.ok(Date.now() < end, `waited ${patience / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
