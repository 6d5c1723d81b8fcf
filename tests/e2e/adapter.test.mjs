// Fine-tuning the encoder to the visitor: when it is fetched, what it does, what it survives.

import assert from "node:assert/strict";

import { check, until } from "./harness.mjs";
import { at, click, events, list, notices, openPanel, untilNotice, vote } from "./moves.mjs";
import {
  destroyDevice,
  fetched,
  keepWorkers,
  limitMemory,
  reachDevice,
  saveData,
  terminate,
  tinyPack,
  trainersStarted,
  untilTuned,
} from "./trainers.mjs";

const TUNED = /^Fine-tuned on your (\d+) choices?: held-back loss [\d.]+ → [\d.]+ nats\.$/;

/** An attempt on so many choices, used or not. */
const attempt = (choices) => new RegExp(`on your ${choices} choices`);

/** Choices that no visitor of the small shop's log makes: by turns from two genres. */
const CHOICES = Array.from({ length: 12 }, (_, n) => (n % 2 ? `space-${n}` : `western-${n + 1}`));

check("nothing of a trainer is fetched before the page is idle", { pack: tinyPack }, async (stage) => {
  const visit = await stage.visit({ query: "?backend=cpu" });
  const { page } = visit;
  assert.deepEqual(fetched(visit), []);
  // As long as the visitor does something, nothing begins, however long that is.
  for (let second = 0; second < 8; second++) {
    await page.keyboard.press("ArrowDown");
    await page.waitForTimeout(1_000);
    assert.deepEqual(fetched(visit), [], `after ${second + 1} s`);
  }
  await until(() => fetched(visit).length > 0, "the trainer to be fetched");
  assert.ok(fetched(visit).every((url) => url.includes("trainer-cpu")));
});

check("without an encoder in the pack nothing is fetched", { pack: plainPack }, async (stage) => {
  const visit = await stage.visit();
  await vote(visit.page, "like");
  await visit.page.waitForTimeout(8_000);
  assert.deepEqual(fetched(visit), []);
  await untilTuned(visit.page, /no sequence encoder/);
});

check("under Save-Data nothing is fetched until asked; then the CPU fine-tunes", { pack: tinyPack }, async (stage) => {
  const visit = await stage.visit({ before: saveData });
  const { page } = visit;
  for (const id of CHOICES) await click(page, id);
  await untilTuned(page, /asks to save data, so the trainer \([\d.]+ [KM]B\) was not fetched/);
  await page.waitForTimeout(7_000);
  assert.deepEqual(fetched(visit), []);

  const before = await encoderScores(page);
  await at(page, "adapt-here").click();
  const said = await untilUsed(page);
  assert.equal(Number(said.match(TUNED)[1]), CHOICES.length);
  assert.ok(fetched(visit).length > 0 && fetched(visit).every((url) => url.includes("trainer-cpu")));
  assert.equal(await at(page, "backend").textContent(), "cpu");
  assert.equal(await at(page, "dispatches").textContent(), "0");
  await until(
    async () => differ(before, await encoderScores(page)),
    "the encoder's part of the scores to change",
  );

  // It stays over a reload, without the trainer.
  await page.reload();
  await visit.ready();
  await untilTuned(page, /What was fine-tuned on 12 choices stays in use/);
  assert.ok(differ(before, await encoderScores(page)));
});

check("on WebGPU when the address asks for it", { pack: tinyPack }, async (stage) => {
  const visit = await stage.visit({ webgpu: true, query: "?backend=webgpu" });
  const { page } = visit;
  for (const id of CHOICES) await click(page, id);
  await untilTuned(page, attempt(12), 150_000);
  assert.equal(await at(page, "backend").textContent(), "webgpu");
  const dispatches = Number((await at(page, "dispatches").textContent()).replaceAll(",", ""));
  assert.ok(dispatches > 0, `${dispatches} kernels were dispatched`);
  assert.ok(fetched(visit).every((url) => url.includes("trainer-webgpu")));
  assert.match(await at(page, "backend-reason").textContent(), /address/);
});

check("where WebGPU is asked for and is not there, the CPU does it and the page says why", { pack: tinyPack }, async (stage) => {
  const visit = await stage.visit({ webgpu: false, query: "?backend=webgpu" });
  const { page } = visit;
  for (const id of CHOICES) await click(page, id);
  await untilTuned(page, attempt(12));
  assert.equal(await at(page, "backend").textContent(), "cpu");
  assert.match(await at(page, "backend-reason").textContent(), /WebGPU failed/);
});

check("a trainer that dies is started again; one that dies again at once is given up", { pack: tinyPack }, async (stage) => {
  const { page } = await stage.visit({ query: "?backend=cpu", before: keepWorkers });
  for (const id of CHOICES.slice(0, 6)) await click(page, id);
  await untilTuned(page, attempt(6));
  await terminate(page, "trainer");
  await untilNotice(page, /trainer was started again. Nothing was lost/);
  assert.equal(await trainersStarted(page), 2);
  for (const id of CHOICES.slice(6)) await click(page, id);
  await untilTuned(page, attempt(12));

  await terminate(page, "trainer");
  await untilTuned(page, /so it is off/);
  assert.equal(await trainersStarted(page), 2);
  const before = await list(page);
  await vote(page, "like");
  assert.notDeepEqual(await list(page), before, "the list learns without it");

  await at(page, "train-again").click();
  await until(async () => (await trainersStarted(page)) === 3, "a third trainer");
  await untilTuned(page, attempt(13));
});

check("a trainer without memory is given up; the list goes on learning", { pack: tinyPack }, async (stage) => {
  const { page } = await stage.visit({ query: "?backend=cpu", before: limitMemory(8) });
  for (const id of CHOICES) await click(page, id);
  await untilTuned(page, /so it is off/);
  const before = await list(page);
  await vote(page, "like");
  assert.notDeepEqual(await list(page), before);
  assert.equal(await events(page), CHOICES.length + 1);
});

check("a lost WebGPU device: the CPU goes on, and says so", { pack: tinyPack }, async (stage) => {
  const visit = await stage.visit({ webgpu: true, query: "?backend=webgpu", before: reachDevice });
  const { page } = visit;
  await openPanel(page, "inside");
  await until(async () => (await at(page, "backend").textContent()) === "webgpu", "WebGPU");
  for (const id of CHOICES.slice(0, 6)) await click(page, id);
  await destroyDevice(page);
  await untilNotice(page, /goes on on the cpu. Nothing was lost/i);
  for (const id of CHOICES.slice(6)) await click(page, id);
  await untilTuned(page, attempt(12));
  assert.equal(await at(page, "backend").textContent(), "cpu");
  assert.match(await at(page, "backend-reason").textContent(), /WebGPU failed/);
  assert.equal(await events(page), 12);
});

check("a ranker that is started again finds its trainer", { pack: tinyPack }, async (stage) => {
  const { page } = await stage.visit({ query: "?backend=cpu", before: keepWorkers });
  for (const id of CHOICES.slice(0, 6)) await click(page, id);
  await untilTuned(page, attempt(6));
  await terminate(page, "ranker");
  await click(page, CHOICES[6]);
  await untilNotice(page, /ranker was restarted/);
  for (const id of CHOICES.slice(7)) await click(page, id);
  await untilTuned(page, attempt(12));
  assert.equal(await trainersStarted(page), 1);
});

check("fine-tuning again and again needs no more memory", { pack: tinyPack }, async (stage) => {
  const { page } = await stage.visit({ query: "?backend=cpu" });
  const memory = async () => Number.parseFloat(await at(page, "trainer-memory").textContent());
  for (const id of CHOICES.slice(0, 6)) await click(page, id);
  await untilTuned(page, attempt(6));
  await at(page, "trainer-memory").waitFor();
  // The same choice taken back and made again: each time there is something new to train on.
  let warm;
  for (let round = 0; round < 30; round++) {
    const before = await attempts(page);
    await at(page, "undo").click();
    await click(page, CHOICES[5]);
    await until(async () => (await attempts(page)) > before, "another attempt");
    if (round === 4) warm = await memory();
  }
  assert.ok((await memory()) <= warm * 1.02, `${warm} MB after 5 rounds, ${await memory()} MB after 30`);
  assert.deepEqual(await notices(page), []);
});

/** A pack without an encoder. */
async function plainPack() {
  const { shop, honeyguide } = await import("./trainers.mjs");
  const { folder } = await shop();
  const pack = `${folder}/plain.hgpack`;
  await honeyguide("pack", folder, "--out", pack);
  return pack;
}

/** Waits until an attempt is used; after one that is not, the last choice is taken back and made again. */
async function untilUsed(page) {
  for (let tries = 0; tries < 20; tries++) {
    const said = await untilTuned(page, attempt(CHOICES.length));
    if (TUNED.test(said)) return said;
    const before = await attempts(page);
    await at(page, "undo").click();
    await click(page, CHOICES.at(-1));
    await until(async () => (await attempts(page)) > before, "another attempt");
  }
  throw new Error("no attempt was used");
}

/** What the encoder says of each item in the list, by id, before weighting. */
async function encoderScores(page) {
  const scores = {};
  for (const id of (await list(page)).slice(0, 3)) {
    const row = page.locator(`[data-testid=recommendations] [data-item-id="${id}"]`);
    await row.getByTestId("why").click();
    const line = row.getByTestId("explanation").locator("details.numbers tr", { hasText: "Your sequence" });
    scores[id] = await line.locator("td").first().textContent();
    await row.getByTestId("why").click();
  }
  await page.mouse.move(1, 1);
  return scores;
}

/** Is there an item in both whose score changed? */
const differ = (before, after) => Object.keys(before).some((id) => id in after && before[id] !== after[id]);

/** Attempts to fine-tune so far, as the page writes them to the browser's timeline. */
const attempts = (page) =>
  page.evaluate(() => performance.getEntriesByName("honeyguide:adapt", "measure").length);
