// Paints, blocked time and shifts of first visits, over a local connection.

import { milliseconds, median } from "../bench/table.mjs";

const VISITS = 5;

/** Milliseconds after the ranker's answer during which blocked time still counts. */
const AFTER = 2_000;

/** What web.dev calls good; total blocking time as Lighthouse has it for phones. */
const LIMITS = { contentful: 1_800, largest: 2_500, blocked: 200, shift: 0.1 };

export async function speed(stage, report) {
  for (const rate of [1, 4]) {
    const visits = [];
    for (let n = 0; n < VISITS; n++) visits.push(await measure(stage, rate));
    const of = (name) => median(visits.map((visit) => visit[name]));
    const how = `CPU ${rate} × slower, median of ${VISITS}`.replace("CPU 1 × slower", "CPU as it is");
    const time = (name, title) =>
      report(`${title}, ${how}`, milliseconds(of(name)), of(name) <= LIMITS[name], `≤ ${LIMITS[name]} ms`);
    time("contentful", "first contentful paint");
    time("largest", "largest contentful paint");
    time("blocked", "total blocking time");
    report(`layout shift, ${how}`, of("shift").toFixed(4), of("shift") <= LIMITS.shift, `≤ ${LIMITS.shift}`);
    // It has a budget of its own in the benchmarks.
    console.log(`      ranker ready, ${how}: ${milliseconds(of("ready"))}`);
  }
}

async function measure(stage, rate) {
  const visit = await stage.visit({ open: false });
  const { page } = visit;
  const session = await visit.context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  await page.addInitScript(watch);
  await visit.open();
  await page.waitForTimeout(AFTER);
  const seen = await page.evaluate(() => globalThis.audit);
  await visit.close();
  const contentful = seen.contentful;
  // Of each long task after the first paint, what goes beyond 50 ms.
  const blocked = seen.tasks
    .filter(({ start, length }) => start + length > contentful)
    .reduce((sum, { length }) => sum + Math.max(0, length - 50), 0);
  return { ...seen, blocked };
}

/** Runs in the page before its own scripts. */
function watch() {
  const seen = { contentful: Number.NaN, largest: Number.NaN, shift: 0, ready: Number.NaN, tasks: [] };
  globalThis.audit = seen;
  const each = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  each("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint") seen.contentful = startTime;
  });
  each("largest-contentful-paint", ({ startTime }) => (seen.largest = startTime));
  each("layout-shift", ({ value, hadRecentInput }) => {
    if (!hadRecentInput) seen.shift += value;
  });
  each("longtask", ({ startTime, duration }) => seen.tasks.push({ start: startTime, length: duration }));
  new MutationObserver(() => {
    if (document.documentElement?.dataset.ready === "true" && Number.isNaN(seen.ready)) {
      seen.ready = performance.now();
    }
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
}
