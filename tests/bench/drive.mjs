// Drives the ranker worker without the page: thousands of events, as fast as it answers; alone, and
// beside a trainer.

import { readFile } from "node:fs/promises";

import { ITEMS, id, random } from "./catalogue.mjs";

const VIEW = {
  limit: 10,
  explore: 0,
  diversity: 0.2,
  seed: 1,
  filter: { tags: [], price: null, available: false },
  rival: null,
};

/** Events before the first block that is measured beside training, blocks of each kind, their length. */
const [WARM, BLOCKS, BLOCK] = [300, 4, 100];

/** Visitors of the log that is trained on, and choices of each: no epoch ends while it is measured. */
const [VISITORS, CHOICES] = [2_000, 50];

/**
 * Sends clicks on distinct items. Returns for each number in `after` the worker's memory in bytes
 * then, and all times of learning plus ranking in milliseconds.
 */
export function drive(browser, origin, after) {
  const items = shuffled(Math.max(...after));
  return inPage(browser, origin, { items, after }, async ({ items, after, pack }) => {
    const ranker = await globalThis.benchRanker(pack);
    const memory = { 0: ranker.opened.ranked.summary.memory_bytes };
    const stage1 = [];
    for (const [index, item] of items.entries()) {
      const { time, summary } = await ranker.click(item);
      stage1.push(time);
      if (after.includes(index + 1)) memory[index + 1] = summary.memory_bytes;
    }
    return { memory, stage1 };
  });
}

/**
 * Clicks by turns while a trainer in another worker trains a base model on the CPU, and while it is
 * paused. Returns the times of learning plus ranking of both, in milliseconds.
 */
export function driveBesideTraining(browser, origin) {
  const items = shuffled(WARM + 2 * BLOCKS * BLOCK);
  const options = { items, log: log(), warm: WARM, block: BLOCK };
  return inPage(browser, origin, options, async ({ items, log, warm, block, pack }) => {
    const ranker = await globalThis.benchRanker(pack);
    const trainer = await globalThis.benchTrainer(pack, log);
    await trainer.pause(true);
    const times = { paused: [], training: [] };
    for (const item of items.slice(0, warm)) await ranker.click(item);
    for (let start = warm; start < items.length; start += block) {
      const training = ((start - warm) / block) % 2 === 1;
      await trainer.pause(!training);
      for (const item of items.slice(start, start + block)) {
        times[training ? "training" : "paused"].push((await ranker.click(item)).time);
      }
    }
    return { ...times, steps: trainer.steps() };
  });
}

/** Runs `work` in a page of the site that has none of our own scripts but the helpers below. */
async function inPage(browser, origin, options, work) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(origin);
    const address = async (name) => {
      const url = await page.locator(`meta[name=honeyguide-${name}]`).getAttribute("content");
      return new URL(url, `${origin}/`).href;
    };
    const [ranker, trainer, pack] = await Promise.all(
      ["ranker", "trainer-cpu", "pack"].map(address),
    );
    // Any file of the site, so that the workers are of its origin and the page's own are gone.
    await page.goto(new URL("mark.svg", `${origin}/`).href);
    await page.evaluate(help, { ranker, trainer, protocol: await protocol(), view: VIEW });
    return await page.evaluate(work, { ...options, pack });
  } finally {
    await context.close();
  }
}

/** Version of the messages between page and workers. */
async function protocol() {
  const source = new URL("../../crates/engine/src/messages.rs", import.meta.url);
  return Number((await readFile(source, "utf8")).match(/PROTOCOL: u16 = (\d+)/)[1]);
}

function shuffled(count) {
  const draw = random(2);
  const rows = Array.from({ length: ITEMS }, (_, row) => row);
  for (let last = ITEMS - 1; last > 0; last--) {
    const other = draw(last + 1);
    [rows[last], rows[other]] = [rows[other], rows[last]];
  }
  return rows.slice(0, count).map(id);
}

/** A log of random choices: there is nothing in it to find, but the work is the same. */
function log() {
  const draw = random(3);
  const lines = ["visitor,item,time"];
  for (let visitor = 0; visitor < VISITORS; visitor++) {
    for (let choice = 0; choice < CHOICES; choice++) {
      lines.push(`v${visitor},${id(draw(ITEMS))},${1_600_000_000 + visitor * 1000 + choice}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Runs in the page: talks to the workers, one request at a time. */
function help({ ranker: rankerUrl, trainer: trainerUrl, protocol, view }) {
  globalThis.benchRanker = async (pack) => {
    const worker = new Worker(rankerUrl, { type: "module" });
    let [number, clicked] = [0, 0];
    const ask = (body) =>
      new Promise((resolve, reject) => {
        const request = ++number;
        worker.onerror = (event) => reject(new Error(`the ranker died: ${event.message}`));
        worker.onmessage = ({ data }) => {
          if (data.Reply?.id !== request) return; // A notice.
          const { Failed: failed, ...answer } = data.Reply.body;
          if (failed) reject(new Error(`the ranker refused: ${JSON.stringify(failed)}`));
          else resolve(answer);
        };
        worker.postMessage({ protocol, id: request, body });
      });
    const { Opened: opened } = await ask({ Open: { pack_url: pack, keep: "Device", view } });
    const click = async (item) => {
      clicked += 1;
      const event = { id: clicked, at: 1e12 + clicked, kind: "Click", item, seconds: 0, query: "" };
      const { Ranked: ranked } = await ask({ Act: { op: { Event: event }, view } });
      return { time: ranked.timings.learn + ranked.timings.rank, summary: ranked.summary };
    };
    return { opened, click };
  };

  globalThis.benchTrainer = async (pack, log) => {
    const worker = new Worker(trainerUrl, { type: "module" });
    let [view, awaited] = [undefined, undefined];
    const send = (body) => worker.postMessage({ protocol, body });
    const until = (holds) => new Promise((resolve, reject) => (awaited = { holds, resolve, reject }));
    worker.onerror = (event) => awaited?.reject(new Error(`the trainer died: ${event.message}`));
    worker.onmessage = ({ data }) => {
      if (data.Failed) awaited?.reject(new Error(`the trainer refused: ${data.Failed.message}`));
      if (data.Training) view = data.Training;
      if (awaited?.holds(data)) awaited.resolve();
    };
    const opened = until((news) => news.Opened);
    send({ Open: { lock: "bench", software: false, pack_url: pack } });
    await opened;
    const training = until(() => view?.phase === "Training" && view.step >= 20);
    const files = [{ name: "events.csv", bytes: new TextEncoder().encode(log) }];
    send({ Pretrain: { files, own_history: false, epochs: 400, batch: 32, history: 50 } });
    await training;
    const pause = async (wanted) => {
      const phase = wanted ? "Paused" : "Training";
      if (view.phase === phase) return;
      const done = until(() => view.phase === phase);
      send(wanted ? "Pause" : "Continue");
      await done;
    };
    return { pause, steps: () => view.step };
  };
}
