// A made-up catalogue of 10,000 items and its pack with an encoder, kept in the target folder.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

export const ITEMS = 10_000;
const GENRES = 20;
const KEYWORDS = 2_000;

/** Id of the item at a position, counted from 0. */
export const id = (row) => `item-${String(row).padStart(5, "0")}`;

/** The pack's path; makes it if the catalogue or the `honeyguide` command is newer. */
export async function pack(honeyguide) {
  const text = csv();
  const folder = path.join(target(), "bench");
  const name = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const [catalogue, made] = ["csv", "hgpack"].map((kind) => path.join(folder, `${name}.${kind}`));
  if ((await modified(made)) > (await modified(honeyguide))) return made;
  console.log(`making a pack of ${ITEMS} items (minutes, once)`);
  await mkdir(folder, { recursive: true });
  await rm(made, { force: true });
  await writeFile(catalogue, text);
  const options = ["--simulate", "2000", "--tune-visitors", "100", "--out", made];
  // What the encoder has learnt does not matter here.
  const training = ["--epochs", "1", "--history", "20", "--batch", "32"];
  const stdio = ["ignore", "inherit", "inherit"];
  execFileSync(honeyguide, ["pretrain", catalogue, ...options, ...training], { stdio });
  return made;
}

function target() {
  return process.env.CARGO_TARGET_DIR ?? new URL("../../target", import.meta.url).pathname;
}

async function modified(file) {
  const found = await stat(file).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}

/** Ten neighbouring items share a creator, fifty a genre and most of their keywords. */
function csv() {
  const draw = random(1);
  const lines = ["id,title,year,creator,genres,keywords"];
  for (let row = 0; row < ITEMS; row++) {
    const circle = Math.floor(row / 50);
    const genres = new Set([circle % GENRES, draw(GENRES)].map((number) => `Genre ${number}`));
    const keywords = new Set(
      [0, 1, 2, 3].map(() => `keyword ${(circle * 10 + draw(20)) % KEYWORDS}`),
    );
    const facets = [genres, keywords].map((values) => [...values].join("|"));
    const creator = `Creator ${Math.floor(row / 10)}`;
    lines.push([id(row), `Item ${row}`, 1920 + draw(105), creator, ...facets].join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** Whole numbers below a bound, the same on every run (mulberry32). */
export function random(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
