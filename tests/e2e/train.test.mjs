// "Train here": from files to a pack, and what it survives.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { check, until } from "./harness.mjs";
import { at, click, list, untilNotice, vote } from "./moves.mjs";
import {
  catalogue,
  chooseFiles,
  destroyDevice,
  downloadPack,
  fetched,
  honeyguide,
  keepWorkers,
  limitMemory,
  openSheet,
  reachDevice,
  saveData,
  setEpochs,
  shop,
  startTraining,
  steps,
  terminate,
  tinyPack,
  trainersStarted,
  untilPhase,
  untilRemark,
  untilSteps,
} from "./trainers.mjs";

/** More epochs than any test waits for. */
const LONG = 400;

check("files become a pack: pause, reload, go on, finish, download", async (stage) => {
  const { files } = await shop();
  const visit = await stage.visit({ query: "?backend=cpu" });
  const { page } = visit;
  await openSheet(page);
  assert.match(await at(page, "train-fetches").textContent(), /Add files/);
  assert.ok(await at(page, "train-start").isDisabled());
  await chooseFiles(page, files);
  assert.match(await at(page, "train-files").textContent(), /catalogue\.csv.*events\.csv/s);
  await setEpochs(page, LONG);
  await at(page, "train-start").click();
  await untilSteps(page, 10);
  assert.match(await at(page, "train-sheet").textContent(), /48 items, 160 visitors, 1,440 choices/);
  assert.match(await at(page, "train-rate").textContent(), /^[\d,]+\/s$/);
  assert.equal(await at(page, "train-backend").textContent(), "cpu");
  await until(async () => /nats/.test(await at(page, "train-loss").textContent()), "a loss");
  await until(async () => /^0\.\d{3}$/.test(await at(page, "train-validation").textContent()), "an NDCG");
  assert.match(await at(page, "train-sheet").locator(".chart").nth(1).textContent(), /popularity 0\.\d{3}/);

  await at(page, "train-pause").click();
  await untilPhase(page, /Paused/);
  const paused = await steps(page);
  await page.waitForTimeout(700);
  assert.equal(await steps(page), paused, "nothing goes on while it is paused");

  // Closed, the sheet leaves the list alone, and the button says what is going on.
  await at(page, "train-close").click();
  assert.equal(await at(page, "train-here").textContent(), "Paused");
  await page.reload();
  await visit.ready();
  await untilNotice(page, /training of catalogue was not finished: epoch \d+ of 400/);
  await page.getByRole("button", { name: "Show" }).click();
  assert.match(await at(page, "train-offer").textContent(), /catalogue was not finished/);
  await at(page, "train-go-on").click();
  assert.ok((await untilSteps(page, paused)) >= paused, "it goes on where it was");

  await at(page, "train-finish").click();
  const { path: pack, name } = await downloadPack(page);
  assert.match(name, /\.hgpack$/);
  const [encoder, popularity] = await ndcg(page);
  assert.ok(encoder > popularity, `the encoder has ${encoder}, popularity ${popularity}`);
  const said = await honeyguide("inspect", pack);
  assert.match(said, /48/);
  assert.match(said, /encoder/i);

  // It is over: nothing is offered any more.
  await page.reload();
  await visit.ready();
  await openSheet(page);
  await at(page, "train-start").waitFor({ state: "visible" });
});

check("cancelling asks once, and forgets the training", async (stage) => {
  const { files } = await shop();
  const visit = await stage.visit({ query: "?backend=cpu" });
  const { page } = visit;
  await startTraining(page, files, LONG);
  await untilSteps(page, 3);
  await at(page, "train-cancel").click();
  await until(
    () => page.evaluate(() => document.activeElement?.dataset.testid === "train-cancel-no"),
    "the safe answer to have the focus",
  );
  await page.keyboard.press("Enter");
  await at(page, "train-cancel").waitFor({ state: "visible" });
  const going = await steps(page);
  await untilSteps(page, going + 1);

  await at(page, "train-cancel").click();
  await at(page, "train-cancel-yes").click();
  await untilRemark(page, /dropped/);
  await at(page, "train-start").waitFor({ state: "visible" });
  assert.match(await at(page, "train-files").textContent(), /events\.csv/, "the files are still chosen");
  await page.reload();
  await visit.ready();
  await openSheet(page);
  await at(page, "train-start").waitFor({ state: "visible" });
});

check("a trainer that dies in the middle is replaced, and the training goes on", async (stage) => {
  const { files } = await shop();
  const { page } = await stage.visit({ query: "?backend=cpu", before: keepWorkers });
  await startTraining(page, files, LONG);
  await untilSteps(page, 20);
  // Paused and continued, so that a checkpoint of these steps is stored.
  await at(page, "train-pause").click();
  await untilPhase(page, /Paused/);
  const kept = await steps(page);
  await at(page, "train-pause").click();
  await untilSteps(page, kept + 1);
  await terminate(page, "trainer");
  await untilRemark(page, /started again. Nothing was lost/);
  assert.equal(await trainersStarted(page), 2);
  assert.ok((await untilSteps(page, kept)) >= kept);
  await at(page, "train-finish").click();
  await downloadPack(page);
});

check("a training for which there is no memory ends with a sentence, and the form is back", async (stage) => {
  const { files } = await shop(10_000);
  const { page } = await stage.visit({ query: "?backend=cpu", before: limitMemory(100) });
  await startTraining(page, files, LONG);
  await untilRemark(page, /does not run in this browser now/);
  await at(page, "train-start").waitFor({ state: "visible" });
  assert.match(await at(page, "train-files").textContent(), /events\.csv/, "the files are still chosen");
  await at(page, "train-close").click();
  const before = await list(page);
  await vote(page, "like");
  assert.notDeepEqual(await list(page), before, "the list goes on learning");
});

check("a browser that is killed offers the training again", async (stage) => {
  const { files } = await shop();
  const visit = await stage.visit({ query: "?backend=cpu" });
  await startTraining(visit.page, files, LONG);
  await untilSteps(visit.page, 10);
  await at(visit.page, "train-pause").click();
  await untilPhase(visit.page, /Paused/);
  const kept = await steps(visit.page);
  // At once: the browser writes local storage down seconds later, so the page's own note is lost.
  await visit.kill();

  const again = await stage.visit({ folder: visit.folder, query: "?backend=cpu" });
  await untilNotice(again.page, /training (of catalogue )?was not finished/);
  await again.page.getByRole("button", { name: "Show" }).click();
  await at(again.page, "train-go-on").click();
  assert.ok((await untilSteps(again.page, kept)) >= kept);
  await at(again.page, "train-finish").click();
  await downloadPack(again.page);
});

check("files that cannot be used are named, with the line", async (stage) => {
  const { folder, files } = await shop();
  const { page } = await stage.visit({ query: "?backend=cpu" });
  const bad = path.join(folder, "broken.csv");
  await writeFile(bad, "visitor,item,time\nv1,space-1,10\nv1,space-2,soon\n");
  await openSheet(page);
  await chooseFiles(page, [files[0], bad]);
  await at(page, "train-start").click();
  await untilRemark(page, /broken\.csv, line 3/);
  await at(page, "train-start").waitFor({ state: "visible" });

  const other = path.join(folder, "foreign.csv");
  await writeFile(other, "visitor,item,time\nv1,unknown-1,10\nv2,unknown-2,11\n");
  await page.getByRole("button", { name: "Remove broken.csv" }).click();
  await chooseFiles(page, [other]);
  await at(page, "train-start").click();
  await untilRemark(page, /none of the 2 rows/);
});

check("the visitor's own history can be trained on", { pack: tinyPack }, async (stage) => {
  const { page } = await stage.visit({ query: "?backend=cpu" });
  for (let n = 1; n <= 6; n++) await click(page, `western-${n}`);
  await openSheet(page);
  await at(page, "train-own").check();
  await setEpochs(page, 2);
  await at(page, "train-start").click();
  const { path: pack } = await downloadPack(page);
  assert.match(await honeyguide("inspect", pack), /encoder/i);
});

check("Save-Data fetches nothing before the visitor starts a training", { pack: tinyPack }, async (stage) => {
  const { files } = await shop();
  const visit = await stage.visit({ before: saveData });
  const { page } = visit;
  await openSheet(page);
  await chooseFiles(page, files);
  await page.waitForTimeout(6_000);
  assert.deepEqual(fetched(visit), []);
  assert.match(await at(page, "train-fetches").textContent(), /fetches the trainer, [\d.]+ [KM]B/);
  await setEpochs(page, 1);
  await at(page, "train-start").click();
  await downloadPack(page);
  assert.ok(fetched(visit).length > 0);
});

check("training needs no more memory the longer it runs, nor the next time", async (stage) => {
  // So many that no training of this test ends by itself.
  const { files } = await shop(10_000);
  const { page } = await stage.visit({ query: "?backend=cpu" });
  /** The memory after each of some checkpoints; a pause stores one. */
  const readings = async (pauses) => {
    const memory = [];
    for (let pause = 0; pause < pauses; pause++) {
      await untilSteps(page, (await steps(page)) + 3);
      await at(page, "train-pause").click();
      await untilPhase(page, /Paused/);
      memory.push(Number.parseFloat(await at(page, "train-memory").textContent()));
      await at(page, "train-pause").click();
    }
    return memory;
  };
  await startTraining(page, files, LONG);
  const first = await readings(30);
  // Room for two buffers of a checkpoint, which the allocator cannot always place in old ones; kept,
  // those of twenty would need 20 MB.
  assert.ok(first.at(-1) <= first[9] + 2.5, `${first.join(", ")} MB`);
  await at(page, "train-finish").click();
  await at(page, "train-download").waitFor({ state: "visible" });

  await at(page, "train-another").click();
  await at(page, "train-start").click();
  const second = await readings(10);
  assert.ok(second.at(-1) <= first[9] + 2.5, `${first.join(", ")} MB, then ${second.join(", ")} MB`);
});

check("on WebGPU: kernels are dispatched; a lost device hands over to the CPU", { pack: tinyPack }, async (stage) => {
  const { folder } = await shop();
  // As little as a training takes: software WebGPU needs seconds for a step.
  const log = path.join(folder, "few.csv");
  const rows = Array.from({ length: 40 }, (_, n) => `v${n % 8},space-${(n % 12) + 1},${n}`);
  await writeFile(log, `visitor,item,time\n${rows.join("\n")}\n`);
  const items = path.join(folder, "catalogue.csv");
  await writeFile(items, catalogue());
  const visit = await stage.visit({ webgpu: true, query: "?backend=webgpu", before: reachDevice });
  const { page } = visit;
  await openSheet(page);
  await chooseFiles(page, [items, log]);
  await setEpochs(page, 50);
  await at(page, "train-history").fill("4");
  await at(page, "train-history").blur();
  await at(page, "train-start").click();
  await until(async () => (await steps(page)) >= 2, "two steps on WebGPU", 150_000);
  assert.equal(await at(page, "train-backend").textContent(), "webgpu");
  assert.ok(fetched(visit).every((url) => url.includes("trainer-webgpu")));
  const dispatches = Number((await at(page, "train-dispatches").textContent()).replaceAll(",", ""));
  assert.ok(dispatches > 0, `${dispatches} kernels were dispatched`);

  const before = await steps(page);
  await destroyDevice(page);
  await untilRemark(page, /goes on on the cpu. Nothing was lost/i);
  await until(async () => (await steps(page)) > before, "more steps on the CPU", 60_000);
  assert.equal(await at(page, "train-backend").textContent(), "cpu");
  // On the CPU so little data takes moments, so it may end by itself before it is told to.
  await at(page, "train-finish").click({ timeout: 2_000 }).catch(() => {});
  await downloadPack(page);
});

/** NDCG@10 of encoder and popularity, as the finished sheet shows them. */
async function ndcg(page) {
  return Promise.all(["train-ndcg", "train-popularity"].map(async (id) => Number(await at(page, id).textContent())));
}
