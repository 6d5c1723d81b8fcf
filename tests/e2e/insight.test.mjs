// See it learn: curves, map, bars, experts and attention show the learner's own numbers.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { check, until } from "./harness.mjs";
import { at, click, list, openPanel, ranked, vote, wall } from "./moves.mjs";

/** Clicks this many covers of the wall that share a genre, one after the other. */
async function clickGenre(page, genre, clicks) {
  await page.getByTestId("filter").fill(genre);
  await until(async () => /^\d+ items$/.test(await page.locator(".count").textContent()), "the filtered wall");
  for (let done = 0; done < clicks; done++) await click(page, (await wall(page))[done]);
  await page.getByTestId("filter").fill("");
}

check("the curve ranks each choice before it is learnt, beside popularity and chance", async (stage) => {
  const { page } = await stage.visit();
  await clickGenre(page, "western", 8);
  await openPanel(page, "curve");
  await at(page, "hit-rate").waitFor();
  const [rate, ndcg] = await Promise.all(["hit-rate", "ndcg"].map((id) => at(page, id).textContent()));
  assert.ok(Number(rate) >= 0 && Number(rate) <= 1, rate);
  assert.ok(Number(ndcg) <= Number(rate), `${ndcg} is not above ${rate}`);
  assert.match(await page.locator(".curve").textContent(), /popularity \d\.\d\d, chance 0\.00\d/);
  assert.match(await page.locator(".curve svg").first().getAttribute("aria-label"), /Over 8 choices/);

  const download = page.waitForEvent("download");
  await at(page, "curve-csv").click();
  const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\n");
  assert.equal(lines.length, 1 + 8);
  const columns = lines[0].split(",");
  const rows = lines.slice(1).map((line) => line.split(",").map(Number));
  const hits = rows.map((row) => row[columns.indexOf("hit_at_10")]);
  const mean = hits.reduce((a, b) => a + b, 0) / hits.length;
  assert.ok(Math.abs(mean - Number(rate)) <= 0.0051, `the chart shows ${rate}, the mean of the same numbers is ${mean}`);
  for (const row of rows) {
    const place = row[columns.indexOf("place")];
    assert.equal(row[columns.indexOf("hit_at_10")], place <= 10 ? 1 : 0);
  }

  // One more choice, one more point; and an undo takes it away.
  await vote(page, "like", 0);
  const label = page.locator(".curve svg").first();
  await until(async () => /Over 9 choices/.test(await label.getAttribute("aria-label")), "nine choices");
  await ranked(page, () => at(page, "undo").click());
  await until(async () => /Over 8 choices/.test(await label.getAttribute("aria-label")), "eight choices again");
});

check("the map stays as it is while the visitor moves over it, and says in words who is near", async (stage) => {
  const { page } = await stage.visit();
  await openPanel(page, "map");
  await at(page, "map").waitFor();
  const dots = await page.locator(".map .dots").getAttribute("d");
  assert.ok(dots.split("M").length > 500, "the catalogue is on it");
  assert.equal(await at(page, "here").count(), 0, "nobody is anywhere before a choice");
  await clickGenre(page, "western", 3);
  await at(page, "here").waitFor();
  const place = () => at(page, "here").getAttribute("cx");
  const before = await place();
  assert.equal(await at(page, "nearest").locator("li").count(), 8);
  await clickGenre(page, "animation", 4);
  await until(async () => (await place()) !== before, "the visitor has moved");
  assert.equal(await page.locator(".map .dots").getAttribute("d"), dots, "the map has not");
  assert.match(await at(page, "map").getAttribute("aria-label"), /You are near \S/);
});

check("a bar can be pushed up and down, ruled out and forgotten, and the list follows", async (stage) => {
  const { page } = await stage.visit();
  await clickGenre(page, "western", 4);
  await openPanel(page, "taste");
  const bar = (value) =>
    at(page, "leanings").locator("li.leaning").filter({ has: page.getByText(value, { exact: true }) });
  const wish = async (value, what) => {
    await ranked(page, () => bar(value).getByTestId(`wish-${what}`).first().click());
    await page.waitForTimeout(300);
  };
  await bar("Western").waitFor();
  const lift = await bar("Western").locator(".number").textContent();
  assert.match(lift, /^\+\d/, "westerns are leant to");
  const westerns = async () => {
    await page.getByTestId("filter").fill("western");
    await until(async () => /^\d+ items$/.test(await page.locator(".count").textContent()), "the filtered wall");
    const all = await wall(page);
    await page.getByTestId("filter").fill("");
    return (await list(page)).filter((id) => all.includes(id)).length;
  };
  const with_ = await westerns();
  assert.ok(with_ >= 3, `${with_} westerns in the list`);
  await wish("Western", "never");
  assert.equal(await westerns(), 0, "never means none");
  await until(async () => (await bar("Western").locator(".wished").textContent()) === "you: never", "the bar says so");
  await wish("Western", "clear");
  assert.equal(await westerns(), with_);
  for (let step = 0; step < 3; step++) await wish("Western", "less");
  assert.ok((await westerns()) < with_, "three steps down");
  await wish("Western", "clear");
  await wish("Western", "forget");
  await until(async () => (await bar("Western").count()) === 0 || !/^\+/.test(await bar("Western").locator(".number").textContent()), "nothing of it is left");
  assert.ok((await westerns()) < with_, "what they taught is gone");
  await ranked(page, () => at(page, "undo").click());
  assert.equal(await westerns(), with_, "and can be had back");
});

check("the experts' shares add up, and the attention over the choices is drawn", async (stage) => {
  const { page } = await stage.visit();
  await clickGenre(page, "western", 5);
  await openPanel(page, "inside");
  const numbers = at(page, "experts").locator(".number");
  await numbers.first().waitFor();
  const shares = (await numbers.allTextContents()).map((text) => Number(/^(\d+) %/.exec(text)[1]));
  assert.equal(shares.length, 7);
  const sum = shares.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 100) <= 4, `${shares} make ${sum}`);

  await page.getByTestId("why").first().click();
  await page.getByTestId("explanation").locator("details.numbers summary").click();
  const attention = at(page, "attention");
  await attention.waitFor();
  assert.equal((await attention.locator("rect").count()) % 5, 0, "a column per choice");
  assert.match(await attention.getAttribute("aria-label"), /Most on .+, \d+ % on average/);
});
