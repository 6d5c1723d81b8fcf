// The table of downloads against the browser's own network log, and trainers that wait to be asked.

import assert from "node:assert/strict";

import { check, until } from "./harness.mjs";
import { at, openPanel } from "./moves.mjs";
import { fetched, untilTuned } from "./trainers.mjs";

check("every download is listed with its bytes and where it came from", async (stage) => {
  const visit = await stage.visit();
  const { page } = visit;
  await openPanel(page, "trust");
  const first = await until(async () => {
    const rows = await table(page);
    return rows.some(([part]) => part.startsWith("Catalogue")) && rows;
  }, "the ranker's downloads");
  for (const [part, bytes, , source] of first) {
    // The browser asks for its icon when it likes; panels and charts came after the offline copy was made.
    if (/^(Small|Panels|Charts)/.test(part)) continue;
    assert.equal(source, "network", part);
    assert.ok(number(bytes) > 300, part);
  }
  for (const part of ["Page and first list", "Styles", "App", "Ranker", "Catalogue"]) {
    assert.equal(first.filter(([name]) => name.startsWith(part)).length, 1, part);
  }

  // Held to the network log: what the server sent of these files, with 300 bytes for each one's headers.
  const wire = await page.evaluate(async () => {
    const url = document.querySelector("meta[name=honeyguide-pack]").content;
    const [entry] = performance.getEntriesByType("navigation");
    const pack = (await (await fetch(url)).arrayBuffer()).byteLength;
    return { page: entry.encodedBodySize + 300, pack };
  });
  const row = (rows, part) => rows.find(([name]) => name.startsWith(part));
  assert.equal(number(row(first, "Page")[1]), rounded(wire.page));
  assert.equal(number(row(first, "Catalogue")[2]), rounded(wire.pack));

  await until(
    () => page.evaluate(() => navigator.serviceWorker.controller?.state === "activated"),
    "the service worker to take over",
  );
  await page.reload();
  await visit.ready();
  await openPanel(page, "trust");
  const second = await until(async () => {
    const rows = await table(page);
    return rows.some(([part]) => part.startsWith("Catalogue")) && rows;
  }, "the downloads of the second visit");
  for (const [part, bytes, , source] of second) {
    assert.match(source, /^this device, offline copy/, part);
    assert.equal(bytes, "0 B", part);
  }
  assert.equal(await at(page, "downloaded").textContent(), "0 B");
});

check("with little memory a trainer waits to be asked", async (stage) => {
  const visit = await stage.visit({
    query: "?backend=cpu",
    before: ({ context }) =>
      context.addInitScript(() => {
        Object.defineProperty(Navigator.prototype, "deviceMemory", { get: () => 1 });
      }),
  });
  const { page } = visit;
  await untilTuned(page, /little memory.*does not start/);
  await page.waitForTimeout(7_000);
  assert.deepEqual(fetched(visit), []);
  await at(page, "adapt-here").click();
  await untilTuned(page, /choices/);
  assert.ok(fetched(visit).length > 0);
  await openPanel(page, "trust");
  await until(
    async () => (await table(page)).some(([part, , , source]) => /^Trainer, CPU/.test(part) && source === "network"),
    "the trainer among the downloads",
  );
});

/** The rows of the table, as texts. */
const table = (page) =>
  at(page, "downloads")
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));

/** Bytes of a text such as `250.4 KB`. */
function number(text) {
  const [, value, unit] = text.match(/^([\d.]+) (B|KB|MB)$/);
  return Math.round(Number(value) * { B: 1, KB: 1e3, MB: 1e6 }[unit]);
}

/** As the table rounds. */
const rounded = (bytes) => (bytes < 1e3 ? bytes : Math.round(Number((bytes / 1e3).toFixed(1)) * 1e3));
