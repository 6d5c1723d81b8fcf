// What a visitor waits for: the first list, the ranker, the effect of a click.

import assert from "node:assert/strict";

import { until } from "../e2e/harness.mjs";
import { at, measures } from "../e2e/moves.mjs";
import { median } from "./table.mjs";

const LOADS = 7;
const CLICKS = 70;

/** Milliseconds between clicks: the list has come to rest, and the profile is on the disk. */
const BETWEEN_CLICKS = 200;

/**
 * First visits, each in a new browser context without an HTTP cache. Returns medians in
 * milliseconds from the start of the navigation:
 *
 * - `contentful`: first contentful paint
 * - `list`: the list is in a frame, and the first contentful paint is on screen
 * - `ready`: the ranker has answered
 */
export async function loads(browser, origin, throttling = 1) {
  const all = [];
  // The first one warms up the browser's processes and does not count.
  for (let visit = 0; visit <= LOADS; visit++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    try {
      const times = await load(context, origin, throttling);
      if (visit > 0) all.push(times);
    } finally {
      await context.close();
    }
  }
  const of = (name) => median(all.map((times) => times[name]));
  return { contentful: of("contentful"), list: of("list"), ready: of("ready") };
}

async function load(context, origin, throttling) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await session.send("Emulation.setCPUThrottlingRate", { rate: throttling });
  await page.addInitScript(watchLoad);
  await page.goto(origin);
  await page.waitForFunction(() => globalThis.benchLoad?.ready !== undefined);
  const contentful = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  await page.waitForFunction(contentful);
  const times = await page.evaluate(() => globalThis.benchLoad);
  const shown = await page.evaluate(contentful);
  // A frame's task comes before the frame is on screen; the paint's time stamp is of the screen.
  return { contentful: shown, list: Math.max(times.list, shown), ready: times.ready };
}

/** Runs in the page before its own scripts. */
function watchLoad() {
  const times = {};
  globalThis.benchLoad = times;
  let found = false;
  const look = () => {
    if (!found && document.querySelector("[data-testid=recommendations] [data-item-id]")) {
      found = true;
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => (times.list = performance.now());
        channel.port2.postMessage(0);
      });
    }
    if (document.documentElement?.dataset.ready === "true") {
      times.ready ??= performance.now();
      observer.disconnect();
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { attributes: true, childList: true, subtree: true });
}

/**
 * Clicks covers on the wall, one after the other. Returns milliseconds: `paint` from each click to
 * its effect on screen, `stage1` as the worker measured it, `longTasks` of the main thread.
 */
export async function clicks(page) {
  await page.evaluate(() => {
    globalThis.benchLongTasks = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.benchLongTasks.push(entry.duration);
    }).observe({ type: "longtask" });
    // Only what the clicks below bring.
    performance.clearMeasures();
  });
  const covers = page.locator("[data-testid=catalogue] [data-item-id] .cover");
  for (let click = 0; click < CLICKS; click++) {
    const cover = covers.nth(click);
    // The wall loads more covers when its end comes near.
    await cover.scrollIntoViewIfNeeded();
    const box = await cover.boundingBox();
    assert.ok(box, "the cover is on the wall");
    // By coordinates: Playwright's own checks would run in the page and be measured, too.
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    const painted = async () => (await measures(page, "honeyguide:click-to-paint")).length > click;
    await until(painted, `click ${click + 1} to be painted`);
    await page.waitForTimeout(BETWEEN_CLICKS);
  }
  assert.equal(await at(page, "show-newer").count(), 0, "no list waits to be shown");
  const [paint, learn, rank] = await Promise.all(
    ["click-to-paint", "learn", "rank"].map((name) => measures(page, `honeyguide:${name}`)),
  );
  assert.equal(paint.length, CLICKS, "each click was measured");
  assert.equal(learn.length, rank.length, "each ranking follows its learning");
  return {
    paint,
    learn,
    rank,
    stage1: learn.map((time, index) => time + rank[index]),
    longTasks: await page.evaluate(() => globalThis.benchLongTasks),
  };
}
