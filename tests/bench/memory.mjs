// Drives the ranker worker without the page: thousands of events, as fast as it answers.

import { ITEMS, id, random } from "./catalogue.mjs";

const VIEW = { limit: 10, explore: 0, diversity: 0.2, seed: 1 };

/** Version of the messages between page and worker; see `PROTOCOL` in crates/engine. */
const PROTOCOL = 1;

/**
 * Sends clicks on distinct items. Returns for each number in `after` the worker's memory in bytes
 * then, and all times of learning plus ranking in milliseconds.
 */
export async function drive(browser, origin, after) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(origin);
    const meta = (name) => page.locator(`meta[name=honeyguide-${name}]`).getAttribute("content");
    const [ranker, pack] = [await meta("ranker"), await meta("pack")];
    const [rankerUrl, packUrl] = [ranker, pack].map((url) => new URL(url, `${origin}/`).href);
    // Any file of the site, so that the worker is of its origin and the page's own is gone.
    await page.goto(new URL("mark.svg", `${origin}/`).href);
    const options = { rankerUrl, packUrl, items: shuffled(Math.max(...after)) };
    return await page.evaluate(converse, { ...options, after, view: VIEW, protocol: PROTOCOL });
  } finally {
    await context.close();
  }
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

/** Runs in the page: one request at a time. */
async function converse({ rankerUrl, packUrl, items, after, view, protocol }) {
  const worker = new Worker(rankerUrl, { type: "module" });
  let number = 0;
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
  const { Opened: opened } = await ask({ Open: { pack_url: packUrl, view } });
  const memory = { 0: opened.ranked.summary.memory_bytes };
  const stage1 = [];
  for (const [index, item] of items.entries()) {
    const event = { id: index + 1, at: 1e12 + index, kind: "Click", item, seconds: 0, query: "" };
    const { Ranked: ranked } = await ask({ Act: { op: { Event: event }, view } });
    stage1.push(ranked.timings.learn + ranked.timings.rank);
    if (after.includes(index + 1)) memory[index + 1] = ranked.summary.memory_bytes;
  }
  worker.terminate();
  return { memory, stage1 };
}
