// Screenshots of every state worth looking at: node tests/shots.mjs FOLDER, by `cargo xtask shots`.
// Into a folder named docs go the README's pictures instead.

import { mkdir } from "node:fs/promises";
import path from "node:path";

import { Stage, WITHOUT_SIMD } from "./e2e/harness.mjs";
import { at, click, events, search, untilNotice, vote } from "./e2e/moves.mjs";
import {
  chooseFiles,
  downloadPack,
  openSheet,
  setEpochs,
  shop,
  untilPhase,
  untilSteps,
  untilTuned,
} from "./e2e/trainers.mjs";

const folder = path.resolve(process.argv[2] ?? "out/shots");

const looks = {
  desktop: { colours: "light" },
  "desktop-dark": { colours: "dark" },
  phone: { colours: "light", phone: true },
  "phone-dark": { colours: "dark", phone: true },
};

const stage = new Stage();
try {
  await mkdir(folder, { recursive: true });
  await stage.serve();
  if (path.basename(folder) === "docs") {
    await readme();
  } else {
    for (const [look, options] of Object.entries(looks)) {
      await states(look, options);
      await training(look, options);
    }
    await narrowest();
    await refusals();
  }
} finally {
  await stage.end();
}

/** The states of one visit, one after the other. */
async function states(look, options) {
  const { page } = await stage.visit({ ...options, reducedMotion: "reduce" });
  const shot = (state) => save(page, `${look}-${state}`);
  await shot("1-first-visit");
  await vote(page, "like", 0);
  await vote(page, "like", 2);
  await vote(page, "dismiss", 1);
  await shot("2-after-three");
  await page.getByTestId("why").nth(1).click();
  await page.getByTestId("explanation").waitFor();
  await shot("3-why");
  await page.getByTestId("why").nth(1).click();
  await events(page); // Opens the learning panel.
  await page.locator("details.panel").scrollIntoViewIfNeeded();
  await shot("4-panel");
  await at(page, "forget").click();
  await shot("5-forget-asked");
  await at(page, "forget-yes").click();
  await untilNotice(page, /forgotten/i);
  await shot("6-forgotten");
  await search(page, "space");
  await at(page, "filter").scrollIntoViewIfNeeded();
  await shot("7-filtered");
  await search(page, "zzzz");
  await shot("8-nothing-found");
  await page.context().close();
}

/** Fine-tuning, and "Train here" from the form to the pack. */
async function training(look, options) {
  const { page } = await stage.visit({ ...options, reducedMotion: "reduce", query: "?backend=cpu" });
  const shot = (state) => save(page, `${look}-${state}`);
  const films = await search(page, "western");
  for (const id of films.slice(0, 6)) await click(page, id);
  await search(page, "");
  await untilTuned(page, /on your 6 choices/);
  await at(page, "adapter-state").scrollIntoViewIfNeeded();
  await shot("9-fine-tuned");
  await openSheet(page);
  await shot("10-train-here");
  const { files } = await shop();
  await chooseFiles(page, files);
  await setEpochs(page, 400);
  await shot("11-files-chosen");
  await at(page, "train-start").click();
  await untilSteps(page, 30);
  await at(page, "train-pause").click();
  await untilPhase(page, /Paused/);
  await shot("12-training");
  await at(page, "train-cancel").click();
  await shot("13-cancel-asked");
  await at(page, "train-cancel-no").click();
  await at(page, "train-pause").click();
  await at(page, "train-finish").click();
  await downloadPack(page);
  await shot("14-pack");
  await page.context().close();
}

/** The README's pictures: after a few clicks, so that marks and reasons are there. */
async function readme() {
  const pictures = {
    desktop: { colours: "light", viewport: { width: 1280, height: 800 } },
    dark: { colours: "dark", viewport: { width: 1280, height: 800 } },
    phone: { colours: "light", phone: true, deviceScaleFactor: 2 },
  };
  for (const [name, options] of Object.entries(pictures)) {
    const { page } = await stage.visit({ ...options, reducedMotion: "reduce" });
    const westerns = (await search(page, "western")).slice(0, 2);
    for (const id of westerns) await click(page, id);
    await search(page, "");
    await vote(page, "like", 1);
    await vote(page, "like", 3);
    await page.evaluate(() => {
      document.activeElement?.blur();
      document.querySelector(".rows").scrollTo(0, 0);
      scrollTo(0, 0);
    });
    await save(page, name);
    await page.context().close();
  }
}

/** The narrowest screen that the page is made for. */
async function narrowest() {
  const { page } = await stage.visit({
    phone: true,
    viewport: { width: 320, height: 640 },
    reducedMotion: "reduce",
  });
  await vote(page, "like", 0);
  await save(page, "narrow-1-after-one");
  await page.getByTestId("why").first().click();
  await page.getByTestId("explanation").getByTestId("remove").first().waitFor();
  await save(page, "narrow-2-why");
  await page.context().close();
}

/** What a visitor sees whose browser refuses something. */
async function refusals() {
  const noStorage = await stage.visit({ blockStorage: true });
  await untilNotice(noStorage.page, /storage/i);
  await save(noStorage.page, "desktop-no-storage");

  const noWasm = await stage.visit({
    open: false,
    before: (visit) => visit.context.route("**/*.wasm", (route) => route.abort()),
  });
  await noWasm.page.goto(stage.origin);
  await noWasm.page.locator(".failure[data-no-wasm]").waitFor({ state: "visible" });
  await save(noWasm.page, "desktop-no-wasm");

  const noSimd = await stage.visit({ open: false, args: [WITHOUT_SIMD] });
  await noSimd.page.goto(stage.origin);
  await noSimd.page.locator(".failure[data-no-wasm]").waitFor({ state: "visible" });
  await save(noSimd.page, "desktop-no-simd");

  const offline = await stage.visit();
  await offline.context.setOffline(true);
  await untilNotice(offline.page, /no connection/i);
  await save(offline.page, "desktop-offline");
}

async function save(page, name) {
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: "disabled" });
  console.log(`${name}.png`);
}
