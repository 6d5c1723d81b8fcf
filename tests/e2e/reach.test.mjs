// Where the page still works: under any path of a bare static host, and in browsers that refuse WASM
// or are too old for it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

import { WITHOUT_SIMD, check, until } from "./harness.mjs";
import { host } from "./host.mjs";
import { at, click, events, list, untilNotice, vote, wall } from "./moves.mjs";

/** The built page as `cargo xtask dist` writes it, under a path, without any header but the types. */
async function published(stage, options) {
  const out = path.join(await stage.folder(), "static");
  const args = ["publish", "--dir", process.env.HONEYGUIDE_DIST, "--out", out];
  await promisify(execFile)(process.env.HONEYGUIDE_BIN, args);
  stage.origin = await host(stage, out, "/some/deep/path/", options);
}

check("a bare static host serves the page under any path, and offline", { serve: false }, async (stage) => {
  await published(stage);
  const visit = await stage.visit({ expect: [/sw\.js.*(ERR_|Failed|fetch)/] });
  const { page } = visit;
  assert.ok(visit.requests.every(({ url }) => url.startsWith(`${stage.origin}/`)), "nothing outside its path");
  const before = await list(page);
  await click(page, (await wall(page))[5]);
  await vote(page, "like", 0);
  const learnt = await list(page);
  assert.notDeepEqual(learnt, before);

  // The policy is in force without a header.
  const refused = await page.evaluate(() => {
    const violated = new Promise((resolve) =>
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective)),
    );
    const style = document.createElement("form");
    style.action = "https://example.org/";
    document.body.append(style);
    style.submit();
    return violated;
  });
  assert.equal(refused, "form-action");
  visit.troubles = visit.troubles.filter((text) => !/form-action/.test(text));

  await until(() => page.evaluate(() => navigator.serviceWorker.controller?.state === "activated"), "the cache");
  const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
  assert.equal(scope, `${stage.origin}/`, "other paths of the host are left alone");
  await stage.stop();
  await visit.context.setOffline(true);
  await page.reload();
  await visit.ready();
  assert.deepEqual(await list(page), learnt);
  await untilNotice(page, /no connection/i);
  await vote(page, "dislike", 0);
  assert.equal(await events(page), 3);
});

check("a published page has what installing it needs", { serve: false }, async (stage) => {
  await published(stage);
  const { page, context } = await stage.visit();
  const session = await context.newCDPSession(page);
  const { url, errors, data } = await session.send("Page.getAppManifest");
  assert.equal(url, `${stage.origin}/manifest.webmanifest`);
  assert.deepEqual(errors, []);
  for (const { src } of JSON.parse(data).icons) {
    const found = await page.evaluate(async (src) => (await fetch(src)).headers.get("content-type"), src);
    assert.equal(found, "image/svg+xml");
  }
});

check("without WebAssembly the page keeps the popularity order and says so", async (stage) => {
  const visit = await stage.visit({
    open: false,
    before: ({ context }) => context.addInitScript(() => delete globalThis.WebAssembly),
  });
  await refused(stage, visit, /refuses WebAssembly/);
});

check("without SIMD the page keeps the popularity order and says why", async (stage) => {
  const visit = await stage.visit({ open: false, args: [WITHOUT_SIMD] });
  await refused(stage, visit, /too old.*SIMD/);
});

async function refused(stage, visit, sentence) {
  const { page } = visit;
  await page.goto(stage.origin);
  await page.locator(".failure[data-no-wasm]").waitFor({ state: "visible" });
  assert.match(await page.locator(".failure[data-no-wasm]").textContent(), sentence);
  await page.waitForTimeout(1_500);
  assert.equal((await list(page)).length, 10);
  assert.equal((await wall(page)).length, 24);
  assert.ok(await page.locator("[data-testid=like]").first().isDisabled(), "nothing pretends to learn");
  const fetched = visit.requests.map(({ url }) => url).filter((url) => /\.wasm|\.hgpack|ranker|sw\.js/.test(url));
  assert.deepEqual(fetched, [], "what cannot run is not fetched");
  assert.equal(await at(page, "notices").count(), 0);
}
