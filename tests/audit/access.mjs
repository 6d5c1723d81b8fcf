// axe-core's rules, WCAG 2.2 AA and its good practices, in the looks that the page has.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { openPanel } from "../e2e/moves.mjs";

const LOOKS = {
  light: { colours: "light" },
  dark: { colours: "dark" },
  phone: { phone: true },
};

export async function access(stage, report) {
  const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  for (const [look, options] of Object.entries(LOOKS)) {
    const visit = await stage.visit({ ...options, reducedMotion: "reduce" });
    await openPanel(visit.page, "trust");
    await visit.page.getByTestId("downloads").waitFor();
    // By the debugger and not as a script tag: the page's policy rightly allows none.
    await visit.page.evaluate(source);
    const { violations, passes } = await visit.page.evaluate(() =>
      window.axe.run(document, { rules: { "target-size": { enabled: true } } }),
    );
    report(`axe, ${look}, panel open (${passes.length} rules pass)`, `${violations.length} found`, violations.length === 0);
    for (const { id, nodes } of violations) console.log(`      ${id}: ${nodes[0].html.slice(0, 120)}`);
    await visit.close();
  }
}
