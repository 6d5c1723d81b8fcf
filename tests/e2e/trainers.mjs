// What a visitor does with the trainers, and small data to train on.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { until } from "./harness.mjs";
import { at, openPanel } from "./moves.mjs";

/** A trainer's script or WASM, as an address. */
export const TRAINER = /\/trainer-(cpu|webgpu)-/;

const GENRES = ["Western", "Noir", "Musical", "Space"];
const PER_GENRE = 12;
const VISITORS = 160;

/** A catalogue of 48 items as CSV. */
export function catalogue() {
  const lines = ["id,title,year,creator,genre"];
  for (const genre of GENRES) {
    for (let n = 1; n <= PER_GENRE; n++) {
      lines.push(`${genre.toLowerCase()}-${n},${genre} ${n},${1940 + 3 * n},Maker ${n % 5},${genre}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A log as CSV: each visitor goes through one genre in the order of its numbers, and around. */
export function log(visitors = VISITORS) {
  const lines = ["visitor,item,time"];
  for (let visitor = 0; visitor < visitors; visitor++) {
    const genre = GENRES[visitor % GENRES.length].toLowerCase();
    for (let step = 0; step < 9; step++) {
      const n = ((visitor * 5 + step) % PER_GENRE) + 1;
      lines.push(`v${visitor},${genre}-${n},${1_600_000_000 + visitor * 1000 + step}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Writes catalogue and log into a new folder; returns the paths of folder and files. */
export async function shop(visitors) {
  const folder = await mkdtemp(path.join(tmpdir(), "honeyguide-shop-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const files = { "catalogue.csv": catalogue(), "events.csv": log(visitors) };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return { folder, files: Object.keys(files).map((name) => path.join(folder, name)) };
}

/** Runs the `honeyguide` command and returns what it prints. */
export async function honeyguide(...args) {
  const { stdout } = await promisify(execFile)(process.env.HONEYGUIDE_BIN, args);
  return stdout;
}

let tiny;

/** A pack with a very small encoder, made once per test file: even software WebGPU can train it. */
export function tinyPack() {
  tiny ??= (async () => {
    const { folder } = await shop();
    const pack = path.join(folder, "tiny.hgpack");
    await honeyguide(
      ...["pretrain", folder, "--out", pack, "--name", "A small shop"],
      ...["--dim", "16", "--heads", "2", "--hidden", "16", "--blocks", "1", "--window", "8"],
      ...["--history", "8", "--batch", "32", "--epochs", "12"],
    );
    return pack;
  })();
  return tiny;
}

/** The requests for trainers so far. */
export const fetched = (visit) => visit.requests.map(({ url }) => url).filter((url) => TRAINER.test(url));

/** Waits until the panel's sentence on fine-tuning matches; returns it. */
export async function untilTuned(page, pattern, patience) {
  await openPanel(page, "inside");
  let text;
  await until(async () => {
    text = await at(page, "adapter-state").textContent();
    return pattern.test(text);
  }, `fine-tuning like ${pattern}`, patience).catch((error) => {
    throw new Error(`${error.message}; it says: ${text}`);
  });
  return text;
}

/** Keeps every worker that the page starts with its address, so that a test can end one. */
export async function keepWorkers(visit) {
  await visit.context.addInitScript(() => {
    window.workers = [];
    window.Worker = class extends window.Worker {
      constructor(url, ...rest) {
        super(url, ...rest);
        this.address = String(url);
        window.workers.push(this);
      }
    };
  });
}

/** Ends the newest worker of a kind ("ranker", "trainer"), as the browser might. */
export async function terminate(page, kind) {
  const found = await page.evaluate((kind) => {
    const worker = window.workers.findLast(({ address }) => address.includes(kind));
    worker?.terminate();
    return Boolean(worker);
  }, kind);
  assert.ok(found, `there is a ${kind} to end`);
}

/** How many trainers the page has started. */
export const trainersStarted = (page) =>
  page.evaluate(() => window.workers.filter(({ address }) => address.includes("trainer")).length);

/** What a service worker answers, a test cannot change: the page has none. */
function withoutServiceWorker(visit) {
  return visit.context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "serviceWorker", { get: () => undefined });
  });
}

/** Lets the test destroy the WebGPU device of the trainer, as a driver does that crashes. */
export async function reachDevice(visit) {
  await keepWorkers(visit);
  await withoutServiceWorker(visit);
  await visit.context.route(/\/trainer-webgpu-[0-9a-f]+\.js$/, async (route) => {
    const response = await route.fetch();
    const body = `
      const devices = [];
      const requestDevice = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...wishes) {
        const device = await requestDevice.apply(this, wishes);
        devices.push(device);
        return device;
      };
      addEventListener("message", (event) => {
        if (event.data !== "destroy the device") return;
        event.stopImmediatePropagation();
        for (const device of devices) device.destroy();
      });
      ${await response.text()}`;
    await route.fulfill({ response, body });
  });
}

/** Destroys the device that {@link reachDevice} made reachable. */
export async function destroyDevice(page) {
  const found = await page.evaluate(() => {
    const worker = window.workers.findLast(({ address }) => address.includes("trainer-webgpu"));
    worker?.postMessage("destroy the device");
    return Boolean(worker);
  });
  assert.ok(found, "there is a trainer on WebGPU");
}

/**
 * Lets the trainer for the CPU have no more than so many pages (64 KB each) of memory beyond those it
 * starts with, by writing that into its module: growing it fails then, as on a device that has no more.
 */
export function limitMemory(pages) {
  return async (visit) => {
    await withoutServiceWorker(visit);
    await visit.context.route(/\/trainer-cpu-[0-9a-f]+_bg\.wasm$/, async (route) => {
      const response = await route.fetch();
      const body = limited(await response.body(), pages);
      await route.fulfill({ body, contentType: "application/wasm" });
    });
  };
}

/** A WASM module whose memory, without a limit so far, has one. */
function limited(module, pages) {
  const read = (at) => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = module[at++];
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    return [value, at];
  };
  const written = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...written(value >>> 7)]);
  // Sections after magic and version: id, size, content. The memory section is number 5.
  for (let at = 8; at < module.length; ) {
    const [size, content] = read(at + 1);
    if (module[at] === 5) {
      const [initial] = read(content + 2);
      assert.deepEqual([...module.subarray(content, content + 2)], [1, 0], "one memory without a limit");
      const limits = [1, 1, ...written(initial), ...written(initial + pages)];
      const section = Buffer.from([5, ...written(limits.length), ...limits]);
      return Buffer.concat([module.subarray(0, at), section, module.subarray(content + size)]);
    }
    at = content + size;
  }
  throw new Error("the module has no memory");
}

/** A browser that asks to save data. */
export async function saveData(visit) {
  await visit.context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "connection", { get: () => ({ saveData: true }) });
  });
}

/** Opens the sheet. */
export async function openSheet(page) {
  await at(page, "train-here").click();
  await at(page, "train-sheet").waitFor({ state: "visible" });
}

/** Chooses files in the sheet. */
export async function chooseFiles(page, files) {
  const chooser = page.waitForEvent("filechooser");
  await at(page, "train-choose").click();
  await (await chooser).setFiles(files);
}

/** Sets the number of epochs. */
export async function setEpochs(page, epochs) {
  const settings = at(page, "train-sheet").locator("details.settings");
  if ((await settings.getAttribute("open")) === null) await settings.locator("summary").click();
  await at(page, "train-epochs").fill(String(epochs));
  await at(page, "train-epochs").blur();
}

/** Opens the sheet, chooses files, and starts. */
export async function startTraining(page, files, epochs) {
  await openSheet(page);
  await chooseFiles(page, files);
  await setEpochs(page, epochs);
  await at(page, "train-start").click();
}

/** How many steps the sheet says are done. */
export async function steps(page) {
  const text = (await at(page, "train-steps").textContent({ timeout: 1_000 }).catch(() => "")) ?? "";
  return Number.parseInt(text.replace(/\D*([\d,]+).*/, "$1").replaceAll(",", ""), 10) || 0;
}

/** Waits until so many steps are done; returns how many are. */
export async function untilSteps(page, wanted) {
  let done = 0;
  await until(async () => (done = await steps(page)) >= wanted, `${wanted} steps of training`).catch(
    async (error) => {
      const remark = await at(page, "train-remark").textContent().catch(() => "");
      throw new Error(`${error.message}; there are ${done}; the page says: ${remark}`);
    },
  );
  return done;
}

/** Waits until the sheet's sentence on the training's phase matches. */
export const untilPhase = (page, pattern) =>
  until(
    async () => pattern.test((await at(page, "train-phase").textContent({ timeout: 1_000 }).catch(() => "")) ?? ""),
    `a phase like ${pattern}`,
  );

/** Waits until the sheet says something like it; returns that. */
export const untilRemark = (page, pattern) =>
  until(async () => {
    const text = await at(page, "train-remark").textContent();
    return pattern.test(text) && text;
  }, `a remark like ${pattern}`);

/** Downloads the finished pack; returns its path and its suggested name. */
export async function downloadPack(page) {
  await at(page, "train-download").waitFor({ state: "visible", timeout: 60_000 });
  const download = page.waitForEvent("download");
  await at(page, "train-download").click();
  const file = await download;
  return { path: await file.path(), name: file.suggestedFilename() };
}
