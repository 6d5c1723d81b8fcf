// What page audits look at, measured on the built page: node tests/audit.mjs, by `cargo xtask audit`.
// Lighthouse itself is not used: it brings more packages than all else here together.

import { access } from "./audit/access.mjs";
import { practices } from "./audit/practices.mjs";
import { speed } from "./audit/speed.mjs";
import { Stage, until } from "./e2e/harness.mjs";

const stage = new Stage();
let failed = 0;

/** Prints a check, its figure, and whether it passes. */
function report(name, figure, passes, limit = "") {
  if (!passes) failed += 1;
  const cells = [passes ? "pass" : "FAIL", name.padEnd(60), String(figure).padStart(12), limit];
  console.log(cells.join("  ").trimEnd());
}

try {
  await stage.serve();
  // The server compresses after it has started; what is measured is what visitors get.
  await until(async () => {
    const answer = await fetch(stage.origin, { headers: { "accept-encoding": "br" } });
    return answer.headers.get("content-encoding") === "br";
  }, "compressed answers");
  for (const [title, part] of Object.entries({ Speed: speed, Accessibility: access, "Good practice": practices })) {
    console.log(`\n${title}`);
    await part(stage, report);
  }
} finally {
  await stage.end();
}
console.log(`\n${failed === 0 ? "everything passes" : `${failed} failed`}`);
process.exitCode = failed === 0 ? 0 : 1;
