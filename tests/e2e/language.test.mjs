// Two languages: the switch, what survives it, and which one a browser starts in.

import assert from "node:assert/strict";

import { check, until } from "./harness.mjs";
import { at, events, leave, list, openPanel, vote } from "./moves.mjs";

const CHINESE = /[\u4e00-\u9fff]/;

/** What the document says of its language. */
const declared = (page) => page.evaluate(() => document.documentElement.lang);

/** The texts of all elements that a selector finds. */
const texts = (page, selector) => page.locator(selector).allTextContents();

/** Presses the switch, and waits until the page is in the other language. */
async function change(page, tag) {
  await at(page, "language").click();
  await until(async () => (await declared(page)) === tag, `the page in ${tag}`);
}

/** Heading, sentence, reasons and buttons are Chinese. */
async function assertChinese(page) {
  assert.equal(await declared(page), "zh-Hans");
  assert.equal(await page.evaluate(() => document.documentElement.dir), "ltr");
  await until(async () => (await texts(page, "#for-you-title")).join() === "为你推荐", "the heading");
  assert.match(await page.locator(".lede").textContent(), CHINESE);
  for (const reason of await texts(page, "[data-testid=recommendations] .reason")) assert.match(reason, CHINESE);
  for (const id of ["undo", "pause", "export", "forget", "train-here"]) {
    assert.match(await at(page, id).textContent(), CHINESE, id);
  }
  assert.match(await at(page, "filter").getAttribute("placeholder"), CHINESE);
}

check("the page changes to Chinese and back, and nothing is lost", async (stage) => {
  const visit = await stage.visit();
  const { page } = visit;
  await vote(page, "like", 0);
  await page.getByTestId("filter").fill("western");
  await until(async () => /^\d+ items$/.test(await page.locator(".count").textContent()), "the filtered wall");
  await openPanel(page, "trust");
  await leave(page);
  assert.equal(await events(page), 1);
  const before = await list(page);
  const covers = await page.locator("[data-testid=catalogue] [data-item-id]").count();

  await change(page, "zh-Hans");
  await assertChinese(page);
  assert.deepEqual(await list(page), before, "the list survives");
  assert.equal(await page.getByTestId("filter").inputValue(), "western");
  assert.match(await page.locator(".count").textContent(), /^\d+ 个条目$/);
  assert.equal(await page.locator("[data-testid=catalogue] [data-item-id]").count(), covers);
  assert.equal(
    await page.evaluate(() => document.activeElement?.dataset.testid),
    "language",
    "the focus stays on the switch",
  );

  // The panel is open at the same tab, and drawn by the lab in Chinese.
  await at(page, "events").waitFor();
  assert.equal(await at(page, "tab-trust").getAttribute("aria-selected"), "true");
  const tabs = await texts(page, ".tabs [role=tab]");
  assert.equal(tabs.length, 6);
  for (const tab of tabs) assert.match(tab, CHINESE);
  assert.equal(await events(page), 1, "the click survives");

  // Reasons of new choices are Chinese, too; so is an explanation.
  await vote(page, "like", 1);
  await until(
    async () => (await texts(page, "[data-testid=recommendations] .reason")).some((text) => /^因为你喜欢/.test(text)),
    "a reason that names what was liked",
  );
  await at(page, "why").first().click();
  await at(page, "explanation").locator("h3").first().waitFor();
  for (const heading of await at(page, "explanation").locator("h3").allTextContents()) assert.match(heading, CHINESE);
  await at(page, "why").first().click();
  await leave(page);

  const learnt = await list(page);
  await page.reload();
  await visit.ready();
  await assertChinese(page);
  assert.deepEqual(await list(page), learnt);
  assert.equal(await events(page), 2);

  await change(page, "en");
  await until(async () => (await texts(page, "#for-you-title")).join() === "For you", "the heading in English");
  for (const reason of await texts(page, "[data-testid=recommendations] .reason")) assert.doesNotMatch(reason, CHINESE);
  await until(
    async () => (await texts(page, ".tabs [role=tab]")).join() === "Curve,Map,Taste,Try,Inside,Trust",
    "the tabs in English",
  );
  assert.deepEqual(await list(page), learnt);
  await page.reload();
  await visit.ready();
  assert.equal(await declared(page), "en", "English that was chosen stays, too");
});

check("what is said at the foot of the page follows the language", async (stage) => {
  const { page } = await stage.visit();
  await at(page, "pause").click();
  await at(page, "like").first().click();
  const said = page.getByTestId("notices").locator("p");
  await until(async () => /paused/.test((await said.allTextContents()).join()), "the notice");
  await change(page, "zh-Hans");
  await until(async () => /学习已暂停/.test((await said.allTextContents()).join()), "the notice in Chinese");
});

check("a browser in Chinese starts in Chinese", async (stage) => {
  const { page } = await stage.visit({ locale: "zh-CN" });
  await assertChinese(page);
  assert.equal(await at(page, "language").textContent(), "切换到 English");
  await openPanel(page, "inside");
  await until(async () => (await texts(page, "[data-testid=experts] .part-name")).length > 0, "the experts");
  for (const name of await texts(page, "[data-testid=experts] .part-name")) assert.match(name, CHINESE);
});

check("a browser in a language without a table starts in English", async (stage) => {
  const { page } = await stage.visit({ locale: "fi-FI" });
  assert.equal(await declared(page), "en");
  assert.equal(await page.locator("#for-you-title").textContent(), "For you");
});

check("the switch fits a small phone in both languages", async (stage) => {
  const { page } = await stage.visit({ viewport: { width: 320, height: 640 } });
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const apart = async () => {
    const [name, button] = await Promise.all([
      page.locator("h1").evaluate((h1) => {
        const range = document.createRange();
        range.selectNodeContents(h1);
        return range.getBoundingClientRect().right;
      }),
      at(page, "language").evaluate((element) => element.getBoundingClientRect().left),
    ]);
    return button - name;
  };
  assert.equal(await over(), 0);
  assert.ok((await apart()) > 0, "the name and the switch do not overlap");
  await change(page, "zh-Hans");
  assert.equal(await over(), 0);
  assert.ok((await apart()) > 0, "the name and the switch do not overlap in Chinese");
});
