// The first visit: useful at once, and quiet.

import assert from "node:assert/strict";

import { check, until } from "./harness.mjs";
import { at, events, list, measures, search, vote, wall } from "./moves.mjs";

check("a first visit shows the wall, a list of ten and what the page does", async (stage) => {
  const { page } = await stage.visit();
  assert.equal((await list(page)).length, 10);
  assert.ok((await wall(page)).length >= 24);
  assert.equal(await at(page, "backend").textContent(), "cpu");
  assert.match(await at(page, "bytes-sent").textContent(), /^0\b/);
  assert.equal(await events(page), 0);
});

check("the list is usable before any WASM has arrived, and early clicks count", async (stage) => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const { page } = await stage.visit({
    open: false,
    before: (visit) =>
      visit.context.route("**/*.wasm", async (route) => {
        await released;
        await route.continue();
      }),
  });
  await page.goto(stage.origin);
  const shipped = await list(page);
  assert.equal(shipped.length, 10);
  assert.equal((await wall(page)).length, 24);
  await page.locator("[data-testid=catalogue] .cover").nth(3).click();
  assert.equal(await page.locator("html").getAttribute("data-ready"), null);

  release();
  await stage.visits[0].ready();
  await until(async () => (await events(page)) === 1, "the early click to be learnt");
});

check("where WASM does not load, the page says so and keeps its list", async (stage) => {
  const { page } = await stage.visit({
    open: false,
    expect: [/\.wasm/, /Failed to fetch/, /aborted|ERR_FAILED/i],
    before: (visit) => visit.context.route("**/*.wasm", (route) => route.abort()),
  });
  await page.goto(stage.origin);
  await page.locator(".failure[data-no-wasm]").waitFor({ state: "visible" });
  assert.equal((await list(page)).length, 10);
});

check("nothing shifts when the app takes over", async (stage) => {
  const { page } = await stage.visit();
  await page.waitForTimeout(500);
  const shift = await page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((entries) =>
          resolve(entries.getEntries().reduce((sum, entry) => sum + entry.value, 0)),
        ).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(0), 300);
      }),
  );
  assert.ok(shift < 0.01, `the layout shifted by ${shift}`);
});

check("what was measured can be read from the browser's timeline", async (stage) => {
  const { page } = await stage.visit();
  await vote(page, "like");
  for (const name of ["click-to-paint", "rank", "learn"]) {
    const found = await measures(page, `honeyguide:${name}`);
    assert.ok(found.length > 0, `honeyguide:${name} is measured`);
    assert.ok(found.every((ms) => Number.isFinite(ms) && ms >= 0));
  }
  const [paint] = await measures(page, "honeyguide:click-to-paint");
  assert.ok(paint > 0 && paint < 10_000, `${paint} ms from click to paint`);
});

check("bytes sent are those of the browser's own network log", async (stage) => {
  const visit = await stage.visit();
  const { page } = visit;
  const shown = async () => Number.parseInt(await at(page, "bytes-sent").textContent(), 10);
  await search(page, "western");
  await vote(page, "like");
  await vote(page, "dismiss");
  assert.ok(visit.requests.every((request) => request.method === "GET"));
  assert.equal(visit.bytesSent(), 0);
  assert.equal(await shown(), 0);

  // The other way round: something that does leave the page is counted.
  await page.evaluate(() => fetch("./healthz?probe=12345").then((answer) => answer.text()));
  await until(async () => (await shown()) > 0, "the count to rise");
  assert.equal(await shown(), "probe=12345".length);
  assert.equal(await shown(), visit.bytesSent());
});
