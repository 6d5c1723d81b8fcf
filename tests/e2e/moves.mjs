// What a visitor does on the page and what they see, in the words of the test contract.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { until } from "./harness.mjs";

const CLICK_TO_PAINT = "honeyguide:click-to-paint";
const RANK = "honeyguide:rank";

/** The element with a test id. */
export const at = (page, id) => page.getByTestId(id);

/** Ids in the ranked list, best first. */
export const list = (page) => ids(page, "recommendations");

/** Ids on the wall, as far as it is loaded. */
export const wall = (page) => ids(page, "catalogue");

/** The places that the list shows, as numbers. */
export const places = (page) =>
  page
    .locator("[data-testid=recommendations] .rank")
    .evaluateAll((elements) => elements.map((element) => Number(element.textContent)));

function ids(page, place) {
  return page
    .locator(`[data-testid=${place}] [data-item-id]`)
    .evaluateAll((elements) => elements.map((element) => element.dataset.itemId));
}

/** Does something that the learner learns from, and waits until its effect is painted. */
export async function acted(page, action) {
  await after(page, CLICK_TO_PAINT, action);
}

/** Does something that leads to a new ranking, and waits for that. */
export async function ranked(page, action) {
  await after(page, RANK, action);
}

async function after(page, measure, action) {
  const count = () => measures(page, measure).then((found) => found.length);
  const before = await count();
  await action();
  await until(async () => (await count()) > before, measure);
}

/** Durations of a User Timing measure, in milliseconds. */
export function measures(page, name) {
  return page.evaluate(
    (name) => performance.getEntriesByName(name, "measure").map((entry) => entry.duration),
    name,
  );
}

/** Filters the wall and returns the ids it then shows. */
export async function search(page, words) {
  const before = (await wall(page)).join();
  await at(page, "filter").fill(words);
  await until(async () => (await wall(page)).join() !== before, `the wall to show "${words}"`);
  return wall(page);
}

/** Clicks a cover on the wall. */
export async function click(page, id) {
  await acted(page, () => page.locator(`[data-testid=catalogue] [data-item-id="${id}"] .cover`).click());
  await leave(page);
}

/** Likes, dislikes or dismisses the item at a place of the list (0 is the first); returns its id. */
export async function vote(page, kind, place = 0) {
  const row = page.locator("[data-testid=recommendations] [data-item-id]").nth(place);
  const id = await row.getAttribute("data-item-id");
  await acted(page, () => row.getByTestId(kind).click());
  await leave(page);
  return id;
}

/** Takes pointer and focus out of the list, where they hold it still, and waits for a newer order. */
export async function leave(page) {
  await page.mouse.move(1, 1);
  await page.evaluate(() => document.activeElement?.blur());
  await at(page, "show-newer").waitFor({ state: "detached" });
}

/** Opens the learning panel, if it is closed, at one of its tabs. */
export async function openPanel(page, tab) {
  const panel = page.locator("details.panel");
  if ((await panel.getAttribute("open")) === null) await panel.locator("summary").first().click();
  await at(page, `tab-${tab}`).click();
}

/** Reads in the learning panel how many events were learnt from. */
export async function events(page) {
  await openPanel(page, "trust");
  await leave(page);
  return Number(await at(page, "events").textContent());
}

/** Waits until the panel counts so many events. */
export async function untilEvents(page, wanted) {
  let seen;
  await until(async () => (seen = await events(page)) === wanted, `${wanted} events`).catch((error) => {
    throw new Error(`${error.message}; there are ${seen}`);
  });
}

/** Presses forget and confirms. */
export async function forget(page) {
  await at(page, "forget").click();
  await ranked(page, () => at(page, "forget-yes").click());
  await leave(page);
}

/** Exports the profile; returns the file's path. */
export async function exported(page) {
  const download = page.waitForEvent("download");
  await at(page, "export").click();
  return (await download).path();
}

/** Chooses a file for import, as a visitor does. */
export async function choose(page, file) {
  const chooser = page.waitForEvent("filechooser");
  await at(page, "import").click();
  await (await chooser).setFiles(file);
}

/** The sentences in the notice area. */
export const notices = (page) => at(page, "notices").locator("p").allTextContents();

/** Waits for a sentence in the notice area. */
export function untilNotice(page, pattern) {
  return until(
    async () => (await notices(page)).find((text) => pattern.test(text)),
    `a notice like ${pattern}`,
  );
}

/** The demo catalogue's films by id: { title, genres }. */
export async function films() {
  const text = await readFile(new URL("../../www/films.csv", import.meta.url), "utf8");
  const [head, ...lines] = text.trim().split("\n").map(cells);
  const [id, title, genres] = ["id", "title", "genres"].map((name) => head.indexOf(name));
  assert.ok(id >= 0 && title >= 0 && genres >= 0, "films.csv has the columns id, title and genres");
  return new Map(
    lines.map((line) => [line[id], { title: line[title], genres: line[genres].split("|") }]),
  );
}

function cells(line) {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );
}
