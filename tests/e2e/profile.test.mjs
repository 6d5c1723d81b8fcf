// The profile stays on the device, goes where the visitor takes it, and survives what it can.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { check } from "./harness.mjs";
import {
  at,
  choose,
  events,
  exported,
  forget,
  list,
  notices,
  ranked,
  untilEvents,
  untilNotice,
  vote,
} from "./moves.mjs";

check("a reload keeps the profile, and so does a new start of the browser", async (stage) => {
  const visit = await stage.visit();
  await vote(visit.page, "like", 0);
  await vote(visit.page, "dislike", 3);
  const learnt = await list(visit.page);
  await visit.page.reload();
  await visit.ready();
  assert.deepEqual(await list(visit.page), learnt);
  assert.equal(await events(visit.page), 2);
  await visit.close();

  const again = await stage.visit({ folder: visit.folder });
  assert.deepEqual(await list(again.page), learnt);
  assert.equal(await events(again.page), 2);
});

check("an exported profile can be imported elsewhere", async (stage) => {
  const here = await stage.visit();
  await vote(here.page, "like", 0);
  await vote(here.page, "like", 2);
  const learnt = await list(here.page);
  const file = await exported(here.page);

  const there = await stage.visit();
  assert.notDeepEqual(await list(there.page), learnt);
  await ranked(there.page, () => choose(there.page, file));
  await untilNotice(there.page, /imported/i);
  assert.deepEqual(await list(there.page), learnt);
  assert.equal(await events(there.page), 2);

  // And back again, over a profile that was forgotten.
  await forget(here.page);
  await ranked(here.page, () => choose(here.page, file));
  await untilEvents(here.page, 2);
  assert.deepEqual(await list(here.page), learnt);
});

check("a damaged or foreign file is refused, and nothing changes", async (stage) => {
  const { page, folder } = await stage.visit();
  await vote(page, "like", 0);
  const learnt = await list(page);
  const good = await readFile(await exported(page));
  const flipped = Buffer.from(good);
  flipped[flipped.length >> 1] ^= 0x40;
  const wrong = {
    "empty.hgprofile": Buffer.alloc(0),
    "short.hgprofile": good.subarray(0, good.length - 3),
    "flipped.hgprofile": flipped,
    "picture.png": Buffer.from("\x89PNG\r\n\x1a\n and more", "latin1"),
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    await choose(page, file);
    await untilNotice(page, /./);
    assert.ok(!(await notices(page)).some((text) => /imported/i.test(text)), name);
    assert.deepEqual(await list(page), learnt, name);
    assert.equal(await events(page), 1, name);
    const close = at(page, "notices").getByRole("button", { name: "Close" });
    while ((await close.count()) > 0) await close.first().click();
  }
});

check("where storage is refused, the page learns all the same and says so", async (stage) => {
  const visit = await stage.visit({ blockStorage: true });
  const { page } = visit;
  await untilNotice(page, /storage/i);
  const start = await list(page);
  await vote(page, "like", 0);
  assert.notDeepEqual(await list(page), start);
  assert.equal(await events(page), 1);
  await page.reload();
  await visit.ready();
  assert.deepEqual(await list(page), start, "nothing was kept");
});

check("damaged storage is set aside with a message, and the page goes on", async (stage) => {
  // The page below has no icon of its own, so the browser looks for one.
  const visit = await stage.visit({ expect: [/favicon\.ico/] });
  const { page } = visit;
  const start = await list(page);
  await vote(page, "like", 0);
  await vote(page, "like", 0);
  await untilEvents(page, 2);

  // From a page of the same origin without the app, so that nothing writes meanwhile.
  await page.goto(`${stage.origin}/healthz`);
  const damaged = await page.evaluate(damage);
  assert.ok(damaged > 0, "there was something stored");

  await visit.open();
  await untilNotice(page, /set aside|could not be read|cannot be read|damaged/i);
  assert.deepEqual(await list(page), start);
  const download = page.waitForEvent("download");
  await at(page, "notices").getByRole("button", { name: /save/i }).click();
  assert.ok((await readFile(await (await download).path())).length > 0, "what was found can be saved");

  await vote(page, "like", 0);
  await page.reload();
  await visit.ready();
  assert.equal(await events(page), 1, "the new profile is kept");
});

check("a browser that is killed loses at most the event in flight", async (stage) => {
  const visit = await stage.visit();
  for (let n = 0; n < 4; n++) await vote(visit.page, "like", n % 2);
  await visit.kill();

  const again = await stage.visit({ folder: visit.folder });
  const kept = await events(again.page);
  assert.ok(kept === 3 || kept === 4, `${kept} of 4 events were kept`);
  assert.deepEqual(await notices(again.page), []);
  await vote(again.page, "like", 0);
  assert.equal(await events(again.page), kept + 1);
});

/** Overwrites every stored byte string; runs in the page. Returns how many there were. */
async function damage() {
  const promised = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const garbage = (value) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      return new Uint8Array(value.byteLength).fill(0xa5);
    }
    if (value === null || typeof value !== "object") return value;
    for (const key of Object.keys(value)) value[key] = garbage(value[key]);
    return value;
  };
  let count = 0;
  for (const { name } of await indexedDB.databases()) {
    const database = await promised(indexedDB.open(name));
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName, "readwrite").objectStore(storeName);
      for (const key of await promised(store.getAllKeys())) {
        const value = garbage(await promised(store.get(key)));
        await promised(store.keyPath === null ? store.put(value, key) : store.put(value));
        count += 1;
      }
    }
    database.close();
  }
  return count;
}
