// The service worker: without a connection, and from one version to the next.

import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { check, until } from "./harness.mjs";
import { host } from "./host.mjs";
import { at, click, events, list, notices, untilNotice, vote, wall } from "./moves.mjs";

/** What the browser says when it looks for a newer service worker in vain. */
const NO_SERVER = [/sw\.js.*(ERR_|Failed|fetch)/];

check("after the first visit the page needs no connection, and learns without one", async (stage) => {
  const visit = await stage.visit({ expect: NO_SERVER });
  const { page } = visit;
  await stored(page);
  await vote(page, "like", 0);
  const learnt = await list(page);

  await stage.stop();
  await visit.context.setOffline(true);
  await untilNotice(page, /no connection/i);
  await page.reload();
  await visit.ready();
  assert.deepEqual(await list(page), learnt, "the profile is there");
  await untilNotice(page, /no connection.*on this device/i);
  await click(page, (await wall(page))[3]);
  await vote(page, "like", 1);
  assert.equal(await events(page), 3);
  assert.notDeepEqual(await list(page), learnt);

  await page.goto(`${stage.origin}/index.html?backend=cpu`);
  await visit.ready();
  assert.equal(await events(page), 3, "under its other names, too");
  await visit.context.setOffline(false);
  await until(async () => (await notices(page)).length === 0, "the sentence to go with the connection back");
});

check("a newer version waits, is offered, and takes over when asked", async (stage) => {
  const folder = await stage.folder();
  const newer = path.join(folder, "dist");
  await cp(process.env.HONEYGUIDE_DIST, newer, { recursive: true });
  const index = path.join(newer, "index.html");
  const text = await readFile(index, "utf8");
  await writeFile(index, text.replace("<title>Honeyguide</title>", "<title>Honeyguide, newer</title>"));

  const visit = await stage.visit({ expect: NO_SERVER });
  const { page } = visit;
  await stored(page);
  await vote(page, "like", 0);
  const learnt = await list(page);
  const before = await caches(page);
  assert.equal(before.length, 1);
  assert.deepEqual(await notices(page), [], "a first version is no news");

  const { port } = new URL(stage.origin);
  await stage.stop();
  await stage.serve(undefined, { port, dir: newer });
  await page.reload();
  await visit.ready();
  assert.equal(await page.title(), "Honeyguide", "complete as it was stored");
  await untilNotice(page, /newer version/i);
  await page.evaluate(() => (window.same = true));
  const other = await visit.tab();
  await untilNotice(other, /newer version/i);
  await vote(page, "like", 1);
  assert.ok(await page.evaluate(() => window.same), "nothing reloads by itself");
  assert.equal((await caches(page)).length, 2, "both versions are complete");

  await at(page, "notices").getByRole("button", { name: "Load it" }).click();
  await until(async () => (await page.title()) === "Honeyguide, newer", "the newer page");
  await visit.ready();
  const after = await caches(page);
  assert.equal(after.length, 1);
  assert.notDeepEqual(after, before);
  assert.equal(await events(page), 2, "the profile is kept");
  assert.notDeepEqual(await list(page), learnt);
  assert.ok(!(await notices(page)).some((text) => /newer version/i.test(text)), "there is none any more");

  assert.equal(await other.title(), "Honeyguide", "the other tab was not reloaded under the visitor");
  await at(other, "notices").getByRole("button", { name: "Load it" }).click();
  await until(async () => (await other.title()) === "Honeyguide, newer", "the newer page there, too");
});

check("a trainer is stored once it was fetched, and not before", async (stage) => {
  const { page } = await stage.visit();
  await stored(page);
  const trainer = await page.evaluate(
    () => document.querySelector("meta[name=honeyguide-trainer-cpu]").content,
  );
  assert.match(trainer, /trainer-cpu-/);
  const held = async () => (await files(page)).filter((name) => name.includes("trainer-cpu"));
  assert.deepEqual(await held(), []);
  await page.evaluate((url) => fetch(url).then((answer) => answer.text()), trainer);
  await until(async () => (await held()).includes(trainer.slice(2)), "the trainer in the cache");
});

check("files of another version are not stored", async (stage) => {
  // As a host that is half updated: the service worker lists another page than the host has.
  stage.origin = await host(stage, process.env.HONEYGUIDE_DIST, "/", {
    change: (name, bytes) => (name === "mark.svg" ? Buffer.from("<svg/>") : bytes),
  });
  const { page } = await stage.visit();
  await until(() => page.evaluate(() => navigator.serviceWorker.getRegistration()), "a try");
  await until(
    () => page.evaluate(async () => !(await navigator.serviceWorker.getRegistration())),
    "the version that is not whole to be given up",
  );
});

check("under Save-Data only what was fetched is stored", async (stage) => {
  const saves = `Object.defineProperty(navigator, "connection", { value: { saveData: true } });\n`;
  stage.origin = await host(stage, process.env.HONEYGUIDE_DIST, "/", {
    change: (name, bytes) => (name === "sw.js" ? Buffer.concat([Buffer.from(saves), bytes]) : bytes),
  });
  const visit = await stage.visit();
  const { page } = visit;
  await stored(page);
  assert.deepEqual(await files(page), []);
  await page.reload();
  await visit.ready();
  await until(async () => (await files(page)).includes("index.html"), "the page in the cache");
  const unneeded = (await files(page)).filter((name) => /maskable|trainer/.test(name));
  assert.deepEqual(unneeded, []);
  assert.ok((await files(page)).some((name) => /^packs\//.test(name)), "what the page fetched is there");
});

check("where storage is refused there is no service worker, and no noise", async (stage) => {
  const { page } = await stage.visit({ blockStorage: true });
  await untilNotice(page, /storage/i);
  await page.waitForTimeout(1_500);
  assert.equal(await page.evaluate(() => navigator.serviceWorker?.controller ?? null), null);
});

check("where the disk is full the page works without a cache", async (stage) => {
  const visit = await stage.visit({ open: false });
  const { page } = visit;
  const session = await visit.context.newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: stage.origin, quotaSize: 300_000 });
  await visit.open();
  await page.waitForTimeout(2_500);
  await vote(page, "like", 0);
  assert.equal(await events(page), 1);
  await page.reload();
  await visit.ready();
  assert.equal(await page.evaluate(() => navigator.serviceWorker.controller), null, "nothing half stored is used");
});

/** Waits until the service worker has stored its version and answers for the page. */
async function stored(page) {
  await until(
    () => page.evaluate(() => navigator.serviceWorker.controller?.state === "activated"),
    "the service worker to take over",
  );
}

/** The names of the site's caches. */
const caches = (page) => page.evaluate(() => window.caches.keys());

/** The files in the site's caches, relative to the page. */
async function files(page) {
  const urls = await page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      found.push(...(await cache.keys()).map(({ url }) => url));
    }
    return found;
  });
  const root = await page.evaluate(() => new URL("./", location.href).href);
  return urls.map((url) => url.slice(root.length) || "index.html");
}
