// Try it out: preview, undo and redo, a scripted visitor, a comparison, and a link to what is seen.

import assert from "node:assert/strict";

import { check, until } from "./harness.mjs";
import { acted, at, events, leave, list, openPanel, ranked, vote } from "./moves.mjs";

check("a preview says what a like would change, and the like changes just that", async (stage) => {
  const { page } = await stage.visit();
  await vote(page, "like", 0);
  const before = await list(page);
  await at(page, "like").nth(1).hover();
  await at(page, "preview").waitFor();
  const said = await at(page, "preview").textContent();
  const promised = [...said.matchAll(/(?:up |, )(.+?) (?:\d+ → |to )(\d+)(?=,|$)/g)].map(([, title, place]) => ({
    title,
    place: Number(place),
  }));
  assert.ok(promised.length > 0, said);
  assert.deepEqual(await list(page), before, "nothing has happened");
  await leave(page);
  await until(async () => (await at(page, "preview").count()) === 0, "the preview ends");
  await vote(page, "like", 1);
  const titles = await page.locator("[data-testid=recommendations] .row .title").allTextContents();
  for (const { title, place } of promised) assert.equal(titles[place - 1], title, said);
});

check("the keyboard previews, too", async (stage) => {
  const { page } = await stage.visit();
  await at(page, "like").first().focus();
  await at(page, "preview").waitFor();
  await at(page, "like").first().blur();
  await until(async () => (await at(page, "preview").count()) === 0, "the preview ends");
});

check("undo and redo go back and forth", async (stage) => {
  const visit = await stage.visit();
  const { page } = visit;
  const lists = [await list(page)];
  for (const place of [0, 3]) {
    await vote(page, "like", place);
    lists.push(await list(page));
  }
  assert.ok(await at(page, "redo").isDisabled());
  for (const wanted of [lists[1], lists[0]]) {
    await ranked(page, () => at(page, "undo").click());
    assert.deepEqual(await list(page), wanted);
  }
  for (const wanted of [lists[1], lists[2]]) {
    await ranked(page, () => at(page, "redo").click());
    assert.deepEqual(await list(page), wanted);
  }
  assert.ok(await at(page, "redo").isDisabled());
  await page.reload();
  await visit.ready();
  assert.deepEqual(await list(page), lists[2], "what was done again is stored");
});

check("a scripted visitor teaches a profile of its own, and the visitor's comes back", async (stage) => {
  const { page } = await stage.visit();
  await vote(page, "like", 0);
  const own = await list(page);
  await openPanel(page, "try");
  await at(page, "taste-0").selectOption({ label: "Western" });
  await at(page, "taste-1").selectOption({ label: "Animation" });
  await at(page, "script-speed").fill("3");
  await at(page, "script-run").click();
  const clicks = async () => Number(/^(\d+) clicks/.exec(await at(page, "script-standing").textContent())?.[1] ?? 0);
  await until(async () => (await clicks()) >= 8, "eight clicks", 30_000);
  assert.notDeepEqual(await list(page), own);
  await at(page, "script-flip").click();
  await until(async () => (await clicks()) >= 16, "eight more", 30_000);
  await at(page, "script-run").click();
  const learnt = await events(page);
  assert.ok(learnt >= 16, `${learnt} events of the script`);
  await page.getByRole("button", { name: "Back to my list" }).click();
  await until(async () => (await list(page)).join() === own.join(), "the visitor's own list");
  assert.equal(await events(page), 1, "nothing of the script is in it");
});

check("two rankings are compared by what is chosen from both", async (stage) => {
  const { page } = await stage.visit();
  await vote(page, "like", 0);
  await openPanel(page, "try");
  await ranked(page, () => at(page, "rival-1").check());
  await leave(page);
  for (let choices = 0; choices < 4; choices++) {
    await acted(page, () => page.locator("[data-testid=recommendations] .cover").nth(choices).click());
    await leave(page);
  }
  await until(async () => /^[0-4] for the learner/.test(await at(page, "comparison").textContent()), "the result");
  const [, own, rival] = /^(\d+) for the learner, (\d+) for the other/.exec(await at(page, "comparison").textContent());
  assert.equal(Number(own) + Number(rival), 4);
  assert.match(await at(page, "comparison").textContent(), /Not enough clicks yet/);
  await ranked(page, () => at(page, "rival-0").check());
  assert.equal(await at(page, "comparison").textContent(), "");
});

check("a link opens what was seen, and what is wrong in one is named and left out", async (stage) => {
  const { page } = await stage.visit();
  await ranked(page, () => at(page, "explore").fill("60"));
  await page.getByTestId("filter").fill("film noir");
  await openPanel(page, "map");
  await until(async () => /explore=0\.60&q=film%20noir&view=map$/.test(page.url()), "the address");
  const address = page.url();

  const there = await stage.visit({ open: false });
  await there.page.goto(address);
  await there.ready();
  assert.equal(await there.page.getByTestId("explore").inputValue(), "60");
  assert.equal(await there.page.getByTestId("filter").inputValue(), "film noir");
  await at(there.page, "map").waitFor();
  assert.deepEqual(await list(there.page), await list(page), "the same seed, the same list");

  const odd = await stage.visit({ open: false });
  await odd.page.goto(`${stage.origin}/#explore=9&view=map&x=<b>`);
  await odd.ready();
  assert.match(await at(odd.page, "notices").textContent(), /explore=9, x=<b>/);
  assert.equal(await odd.page.getByTestId("explore").inputValue(), "0");
});
