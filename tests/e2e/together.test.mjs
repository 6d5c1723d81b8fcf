// Two tabs, and a worker that dies.

import assert from "node:assert/strict";

import { check, until } from "./harness.mjs";
import { at, events, list, search, untilEvents, untilNotice, vote } from "./moves.mjs";

check("two tabs share one profile", async (stage) => {
  const visit = await stage.visit();
  const first = visit.page;
  const second = await visit.tab();
  await vote(second, "like", 0);
  await untilEvents(first, 1);
  await untilEvents(second, 1);
  await vote(first, "like", 0);
  await untilEvents(second, 2);
  await until(
    async () => (await list(first)).join() === (await list(second)).join(),
    "both tabs to show the same list",
  );

  await second.reload();
  await visit.ready(second);
  assert.equal(await events(second), 2);
});

check("when the writing tab closes, the other one goes on writing", async (stage) => {
  const visit = await stage.visit();
  const first = visit.page;
  const second = await visit.tab();
  await vote(first, "like", 0);
  await untilEvents(second, 1);
  await first.close();

  await vote(second, "like", 0);
  await vote(second, "dislike", 0);
  await untilEvents(second, 3);
  await second.reload();
  await visit.ready(second);
  await untilEvents(second, 3);
  await vote(second, "like", 0);
  await untilEvents(second, 4);
});

check("forgetting in one tab forgets in both", async (stage) => {
  const visit = await stage.visit();
  const second = await visit.tab();
  await vote(visit.page, "like", 0);
  await untilEvents(second, 1);
  await at(second, "forget").click();
  await at(second, "forget-yes").click();
  await untilEvents(second, 0);
  await untilEvents(visit.page, 0);
});

check("a worker that dies is started again, and nothing is lost", async (stage) => {
  const visit = await stage.visit({ before: keepWorkers });
  const { page } = visit;
  await vote(page, "like", 0);
  const learnt = await list(page);
  await page.evaluate(() => window.workers.findLast(({ address }) => address.includes("ranker")).terminate());

  // The dead worker says nothing; a question without an answer is what finds out.
  await vote(page, "like", 1);
  await untilNotice(page, /restarted/i);
  assert.notDeepEqual(await list(page), learnt);
  await untilEvents(page, 2);
  const rankers = await page.evaluate(() => window.workers.filter(({ address }) => address.includes("ranker")).length);
  assert.equal(rankers, 2);
  await page.reload();
  await visit.ready();
  assert.equal(await events(page), 2);
});

check("a worker that dies while the wall is searched is started again", async (stage) => {
  const { page } = await stage.visit({ before: keepWorkers });
  await page.evaluate(() => window.workers.findLast(({ address }) => address.includes("ranker")).terminate());
  const found = await search(page, "western");
  assert.ok(found.length > 0);
});

/** Keeps every worker that the page starts, so that the test can end one as the browser might. */
async function keepWorkers(visit) {
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
