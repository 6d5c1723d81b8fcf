// Phone, keyboard, assistive technology.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { check, until } from "./harness.mjs";
import { acted, at, events, list, openPanel, search, untilNotice, vote, wall } from "./moves.mjs";

/** The panel's tabs, each with something that it shows once it is drawn. */
const TABS = { curve: "hit-rate", map: "map", taste: "leanings", try: "script-run", inside: "experts", trust: "stored" };

check("a phone shows list and covers without sideways scrolling", async (stage) => {
  const { page } = await stage.visit({ phone: true });
  const { width, height } = page.viewportSize();
  const first = page.locator("[data-testid=recommendations] [data-item-id]").first();
  const box = await first.boundingBox();
  assert.ok(box.y < height, "the list begins on the first screen");
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);

  const before = await list(page);
  await acted(page, () => page.locator("[data-testid=catalogue] .cover").nth(4).tap());
  assert.notDeepEqual(await list(page), before);
  assert.equal(await events(page), 1);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
});

check("everything works by keyboard, and the focus is never lost", async (stage) => {
  const { page } = await stage.visit();
  const before = await list(page);
  await page.keyboard.press("Tab");
  assert.match(await focused(page, (element) => element.className), /skip/, "the skip link is first");

  await tabTo(page, "[data-testid=recommendations] [data-testid=like]");
  const id = await focused(page, (element) => element.closest("[data-item-id]").dataset.itemId);
  await acted(page, () => page.keyboard.press("Enter"));
  assert.deepEqual(await list(page), before, "nothing moves while the focus is in the list");
  assert.equal(
    await focused(page, (element) => element.closest("[data-item-id]")?.dataset.itemId),
    id,
    "the focus stays where it was",
  );
  await at(page, "show-newer").waitFor({ state: "visible" });
  await tabTo(page, "[data-testid=undo]", { back: true });
  await until(async () => !(await list(page)).includes(id), "the newer list, once the focus has left");
  assert.equal(await focused(page, (element) => element.dataset.testid), "undo");
  await acted(page, () => page.keyboard.press("Space"));
  assert.deepEqual(await list(page), before);

  await tabTo(page, "[data-testid=forget]");
  await page.keyboard.press("Enter");
  await until(
    () => focused(page, (element) => element.dataset.testid === "forget-no"),
    "the safe answer to have the focus",
  );
  await page.keyboard.press("Enter");
  await until(
    () => focused(page, (element) => element.dataset.testid === "forget"),
    "the focus to come back",
  );

  await tabTo(page, "[data-testid=filter]");
  const unfiltered = (await wall(page)).join();
  await page.keyboard.type("western");
  await until(async () => (await wall(page)).join() !== unfiltered, "the filtered wall");
  await tabTo(page, "[data-testid=catalogue] .cover");
  await acted(page, () => page.keyboard.press("Enter"));
});

for (const colours of ["light", "dark"]) {
  check(`axe finds nothing to mend (${colours})`, async (stage) => {
    const { page } = await stage.visit({ colours, reducedMotion: "reduce" });
    await mended(page, "first visit");
    await vote(page, "like", 0);
    await vote(page, "dislike", 1);
    await mended(page, "after two clicks");
    await page.getByTestId("why").first().click();
    await page.getByTestId("explanation").locator("details summary").click();
    await mended(page, "explanation open");
    for (const [tab, shown] of Object.entries(TABS)) {
      await openPanel(page, tab);
      await at(page, shown).waitFor();
      await mended(page, `panel open at ${tab}`, ".panel");
    }
    await at(page, "forget").click();
    await mended(page, "asked whether to forget");
    await at(page, "forget-yes").click();
    await untilNotice(page, /forgotten/i);
    await mended(page, "forgotten");
    await search(page, "zzzz");
    await mended(page, "nothing found");
  });
}

check("axe finds nothing to mend on a phone", async (stage) => {
  const { page } = await stage.visit({ phone: true, reducedMotion: "reduce" });
  await mended(page, "first visit");
  for (const tab of Object.keys(TABS)) {
    await openPanel(page, tab);
    await mended(page, `panel open at ${tab}`, ".panel");
  }
});

check("axe finds nothing to mend before the app runs and without storage", async (stage) => {
  const refused = await stage.visit({ blockStorage: true, reducedMotion: "reduce" });
  await untilNotice(refused.page, /storage/i);
  await mended(refused.page, "storage refused");

  const early = await stage.visit({
    open: false,
    expect: [/\.wasm/, /Failed to fetch/, /aborted|ERR_FAILED/i],
    before: (visit) => visit.context.route("**/*.wasm", (route) => route.abort()),
  });
  await early.page.goto(stage.origin);
  await early.page.locator(".failure[data-no-wasm]").waitFor({ state: "visible" });
  await mended(early.page, "WASM does not load");
});

/** Fails if axe-core finds a violation in the page as it is, or in a part of it. */
async function mended(page, state, part = "html") {
  const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  // By the debugger and not as a script tag: the page's policy rightly allows none.
  await page.evaluate(await readFile(source, "utf8"));
  const { violations } = await page.evaluate((part) => window.axe.run(part), part);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(" | ")}`);
  assert.deepEqual(found, [], state);
}

/** Runs a function on the element that has the focus. */
function focused(page, read) {
  return page.evaluate(`(${read})(document.activeElement)`);
}

/** Presses Tab until an element that matches has the focus. */
async function tabTo(page, selector, { back = false } = {}) {
  for (let presses = 0; presses < 200; presses++) {
    const there = await page.evaluate(
      (selector) => document.activeElement?.matches(selector) ?? false,
      selector,
    );
    if (there) return;
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
  }
  assert.fail(`${selector} cannot be reached with the Tab key`);
}
