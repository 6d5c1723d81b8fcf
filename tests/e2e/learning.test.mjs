// Clicks, and taking them back.

import assert from "node:assert/strict";

import { check, until } from "./harness.mjs";
import {
  acted,
  at,
  click,
  events,
  films,
  forget,
  leave,
  list,
  notices,
  places,
  search,
  untilEvents,
  untilNotice,
  vote,
} from "./moves.mjs";

check("three clicks turn the list towards their genre", async (stage) => {
  const { page } = await stage.visit();
  const catalogue = await films();
  const westerns = async () =>
    (await list(page)).filter((id) => catalogue.get(id).genres.includes("Western")).length;
  const before = await westerns();
  const found = (await search(page, "western")).filter((id) =>
    catalogue.get(id).genres.includes("Western"),
  );
  for (const id of found.slice(0, 3)) await click(page, id);
  const after = await westerns();
  assert.ok(after >= before + 3, `westerns in the list: ${before}, then ${after}`);
  assert.equal(await events(page), 3);
  const shown = await list(page);
  for (const id of found.slice(0, 3)) assert.ok(!shown.includes(id), "what was seen is not offered");
});

for (const kind of ["like", "dislike", "dismiss"]) {
  check(`${kind} is learnt, and the item leaves the list`, async (stage) => {
    const { page } = await stage.visit();
    const id = await vote(page, kind, 2);
    assert.ok(!(await list(page)).includes(id));
    assert.equal((await list(page)).length, 10);
    assert.deepEqual(await places(page), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(await events(page), 1);
  });
}

check("undo takes back one event at a time", async (stage) => {
  const { page } = await stage.visit();
  const start = await list(page);
  assert.ok(await at(page, "undo").isDisabled(), "there is nothing to undo yet");
  await vote(page, "like", 0);
  const one = await list(page);
  await vote(page, "dislike", 1);
  assert.notDeepEqual(await list(page), one);

  await acted(page, () => at(page, "undo").click());
  assert.deepEqual(await list(page), one);
  await acted(page, () => at(page, "undo").click());
  assert.deepEqual(await list(page), start);
  assert.ok(await at(page, "undo").isDisabled());
});

check("forget erases everything, after a question, also for the next visit", async (stage) => {
  const { page } = await stage.visit();
  const start = await list(page);
  await vote(page, "like", 0);
  await vote(page, "like", 1);
  await at(page, "forget").click();
  await at(page, "forget-no").click();
  assert.equal(await events(page), 2, "no means no");

  await forget(page);
  assert.deepEqual(await list(page), start);
  await untilEvents(page, 0);
  await page.reload();
  await stage.visits[0].ready();
  assert.deepEqual(await list(page), start);
  assert.equal(await events(page), 0);
});

check("paused, nothing is learnt", async (stage) => {
  const { page } = await stage.visit();
  const start = await list(page);
  await at(page, "pause").click();
  await page.locator("[data-testid=catalogue] .cover").first().click();
  await untilNotice(page, /paused/i);
  assert.equal(await events(page), 0);
  assert.deepEqual(await list(page), start);

  await at(page, "pause").click();
  await vote(page, "like");
  assert.equal(await events(page), 1);
  assert.ok(!(await notices(page)).some((text) => /paused/i.test(text)));
});

check("an explanation's parts add up to the score", async (stage) => {
  const { page } = await stage.visit();
  await vote(page, "like", 0);
  await vote(page, "like", 0);
  const row = page.locator("[data-testid=recommendations] [data-item-id]").first();
  await row.getByTestId("why").click();
  const numbers = row.getByTestId("explanation").locator("details.numbers");
  await numbers.locator("summary").click();
  const number = (text) => Number(text.replace("−", "-"));
  const parts = (await numbers.locator("tbody td:last-child").allTextContents()).map(number);
  const sum = number(await numbers.locator("tfoot td").textContent());
  assert.ok(parts.length >= 4, `${parts.length} experts`);
  const difference = Math.abs(parts.reduce((a, b) => a + b, 0) - sum);
  // Each number is rounded to three decimals.
  assert.ok(difference <= 0.0005 * (parts.length + 1) + 1e-9, `off by ${difference}`);
});

check("nothing moves under the pointer, until it leaves", async (stage) => {
  const { page } = await stage.visit();
  const before = await list(page);
  const row = page.locator("[data-testid=recommendations] [data-item-id]").nth(1);
  await acted(page, () => row.getByTestId("like").click());
  await at(page, "show-newer").waitFor({ state: "visible" });
  assert.deepEqual(await list(page), before, "the pointer is still in the list");
  await leave(page);
  await until(async () => (await list(page)).join() !== before.join(), "the newer list");
  await at(page, "show-newer").waitFor({ state: "detached" });
});

check("the newer order can be asked for without leaving the list", async (stage) => {
  const { page } = await stage.visit();
  const like = (place) =>
    page.locator("[data-testid=recommendations] [data-item-id]").nth(place).getByTestId("like");
  const before = await list(page);

  // By pointer: away from the row, over to the button, slowly.
  await acted(page, () => like(1).click());
  await at(page, "show-newer").waitFor({ state: "visible" });
  await at(page, "show-newer").hover();
  await page.waitForTimeout(600);
  assert.deepEqual(await list(page), before, "the button is part of the list");
  await at(page, "show-newer").click();
  await until(async () => (await list(page)).join() !== before.join(), "the newer list");
  await leave(page);

  // By keyboard: the button comes before the rows.
  const between = await list(page);
  await page.keyboard.press("Tab");
  await like(0).focus();
  await acted(page, () => page.keyboard.press("Enter"));
  await at(page, "show-newer").waitFor({ state: "visible" });
  const there = () => at(page, "show-newer").evaluate((button) => button === document.activeElement);
  for (let presses = 0; presses < 5 && !(await there()); presses++) {
    await page.keyboard.press("Shift+Tab");
  }
  await page.waitForTimeout(600);
  assert.deepEqual(await list(page), between, "the button is part of the list");
  await page.keyboard.press("Enter");
  await until(async () => (await list(page)).join() !== between.join(), "the newer list");
  assert.ok(
    await page.evaluate(() => document.activeElement.matches("[data-testid=recommendations]")),
    "the focus goes on from the list",
  );
});
