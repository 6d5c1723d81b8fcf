// The page in a browser, beside its budgets: `cargo xtask bench page`.
//
// A missed target is a row that says so, not a failure: this measures, it does not test.

import { Stage } from "../e2e/harness.mjs";
import { ITEMS, pack } from "./catalogue.mjs";
import { drive, driveBesideTraining } from "./drive.mjs";
import { head, judge, median, megabytes, milliseconds, print, quantile } from "./table.mjs";
import { clicks, loads } from "./visits.mjs";

/** Events after which the ranker's memory is read. */
const [SOME, MANY] = [1_000, 5_000];

/** Milliseconds that learning and ranking may take, in 95 of 100 clicks. */
const STAGE_1 = 1.5;

const large = await pack(process.env.HONEYGUIDE_BIN);
await staged(undefined, async (stage, browser) => {
  head("The page", `Chromium ${browser.version()}`);
  await firstVisits(browser, stage.origin, 1, { list: 400, ready: 800 });
  await firstVisits(browser, stage.origin, 4, { list: 1000, ready: 1500 });
  await clicking(stage, "demo catalogue");
});
await staged(large, async (stage, browser) => {
  const items = `${ITEMS.toLocaleString("en")} items`;
  const { ready } = await loads(browser, stage.origin);
  print(`ranker ready, ${items}`, milliseconds(ready));
  await clicking(stage, items);
  await remembering(browser, stage.origin, items);
  await besideTraining(browser, stage.origin, items);
});

/** Serves a pack (undefined: the demo's) to a browser. */
async function staged(pack, body) {
  const stage = new Stage();
  try {
    await stage.serve(pack);
    const { context } = await stage.visit({ open: false });
    await body(stage, context.browser());
    stage.assertClean();
  } finally {
    await stage.end();
  }
}

async function firstVisits(browser, origin, throttling, targets) {
  const times = await loads(browser, origin, throttling);
  const name = (what) => `${what}${throttling > 1 ? `, ${throttling}× CPU throttle` : ""}`;
  print(name("first contentful paint"), milliseconds(times.contentful));
  judge(name("first list on screen"), times.list, targets.list, milliseconds);
  judge(name("ranker ready"), times.ready, targets.ready, milliseconds);
}

async function clicking(stage, catalogue) {
  const [visit] = stage.visits;
  await visit.open();
  const { paint, learn, rank, stage1, longTasks } = await clicks(visit.page);
  const name = (what) => `${what}, ${catalogue}`;
  judge(name(`click to paint, p50 of ${paint.length}`), median(paint), 25, milliseconds);
  judge(name("click to paint, p95"), quantile(paint, 0.95), 50, milliseconds);
  judge(name("tasks over 50 ms on the main thread"), longTasks.length, 0, String);
  if (longTasks.length > 0) print(name("longest task"), milliseconds(Math.max(...longTasks)));
  for (const [what, times] of [["learn", learn], ["rank", rank]]) {
    print(name(`worker: ${what}, p50`), milliseconds(median(times)));
    print(name(`worker: ${what}, p95`), milliseconds(quantile(times, 0.95)));
  }
  judge(name("worker: stage 1 (learn + rank), p95"), quantile(stage1, 0.95), STAGE_1, milliseconds);
}

async function remembering(browser, origin, items) {
  const { memory, stage1 } = await drive(browser, origin, [SOME, MANY]);
  const name = (events) => `ranker memory after ${events.toLocaleString("en")} events, ${items}`;
  print(name(0), megabytes(memory[0]));
  judge(name(SOME), memory[SOME], 32e6, megabytes);
  judge(name(MANY), memory[MANY], memory[SOME], megabytes);
  const late = stage1.slice(SOME / 2, SOME);
  judge(`worker: stage 1, p95 of events 501 to 1,000, ${items}`, quantile(late, 0.95), STAGE_1, milliseconds);
  print(`worker: stage 1, longest of ${MANY.toLocaleString("en")} events, ${items}`, milliseconds(Math.max(...stage1)));
}

/** The ranker's times while another worker trains, beside those while it is paused. */
async function besideTraining(browser, origin, items) {
  const { paused, training, steps } = await driveBesideTraining(browser, origin);
  for (const [what, times] of [["trainer paused", paused], ["beside training", training]]) {
    const name = `worker: stage 1, ${what}, ${items}`;
    print(`${name}, p50 of ${times.length}`, milliseconds(median(times)));
    judge(`${name}, p95`, quantile(times, 0.95), STAGE_1, milliseconds);
  }
  print("steps trained meanwhile", String(steps));
}
