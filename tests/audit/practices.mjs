// What a careful host and a careful page do: headers, policy, head of the page, sizes, quiet console.

/** Pixels: the least that text and targets may have. */
const TEXT = 12;
const TARGET = 24;

export async function practices(stage, report) {
  const answers = [];
  const deprecated = [];
  const visit = await stage.visit({
    phone: true,
    open: false,
    before: async ({ context, page }) => {
      context.on("response", (answer) => answers.push(answer));
      const session = await context.newCDPSession(page);
      session.on("Log.entryAdded", ({ entry }) => {
        if (entry.source === "deprecation") deprecated.push(entry.text);
      });
      await session.send("Log.enable");
    },
  });
  const { page } = visit;
  await visit.open();
  const keeps = await page
    .waitForFunction(() => navigator.serviceWorker.controller?.state === "activated")
    .then(() => true, () => false);

  const counted = (name, found) => {
    report(name, found.length === 0 ? "none" : found.length, found.length === 0);
    for (const text of found.slice(0, 5)) console.log(`      ${text}`);
  };
  counted("errors in the console, failed requests", visit.troubles);
  counted("deprecated features in use", deprecated);
  const urls = visit.requests.map(({ url }) => url);
  counted("requests to other origins, or without the page's scheme", urls.filter((url) =>
    /^(https?|wss?):/.test(url) && !url.startsWith(`${stage.origin}/`)));
  report("keeps itself for visits without a connection", "service worker", keeps);

  const own = answers.filter((answer) => !answer.fromServiceWorker());
  const headers = new Map();
  for (const answer of own) headers.set(new URL(answer.url()).pathname, await answer.allHeaders());
  const policy = headers.get("/")?.["content-security-policy"] ?? "";
  report("policy allows nothing by default, and no inline code at large", "header",
    policy.startsWith("default-src 'none'") && !/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/.test(policy));
  const without = (wanted) => [...headers].filter(([, sent]) => !wanted(sent)).map(([name]) => name);
  counted("answers that leave their type to guesses", without((sent) => sent["x-content-type-options"] === "nosniff"));
  const named = [...headers].filter(([name]) => /[0-9a-f]{12,}/.test(name));
  counted("files named by their content that are not kept for long",
    named.filter(([, sent]) => !/immutable/.test(sent["cache-control"] ?? "")).map(([name]) => name));
  counted("texts and WASM that come without compression", [...headers]
    .filter(([name, sent]) => /html|javascript|css|wasm|octet/.test(sent["content-type"] ?? "") &&
      !/br|gzip/.test(sent["content-encoding"] ?? "") && Number(sent["content-length"] ?? 0) > 1_000)
    .map(([name]) => name));

  const { head, small, tight, missing } = await page.evaluate(inspect, { TEXT, TARGET });
  for (const [name, [figure, passes]] of Object.entries(head)) report(name, figure, passes);
  counted("pictures without an alternative text", missing);
  counted(`texts smaller than ${TEXT} px`, small);
  counted(`targets smaller than ${TARGET} px, with another one near`, tight);

  const session = await visit.context.newCDPSession(page);
  const { errors, data } = await session.send("Page.getAppManifest");
  const manifest = JSON.parse(data ?? "{}");
  const purposes = new Set((manifest.icons ?? []).map(({ purpose }) => purpose));
  report("manifest with name, start, display, plain and maskable icon", `${errors.length} errors`,
    errors.length === 0 && Boolean(manifest.name && manifest.start_url && manifest.display) &&
      purposes.has("any") && purposes.has("maskable"));
  await visit.close();
}

/** Runs in the page. */
function inspect({ TEXT, TARGET }) {
  const content = (name) => document.querySelector(`meta[name=${name}]`)?.content ?? "";
  const head = {
    "doctype is html": [document.doctype?.name ?? "none", document.compatMode === "CSS1Compat"],
    "character set": [document.characterSet, document.characterSet === "UTF-8"],
    "language": [document.documentElement.lang, /^[a-z]{2}/.test(document.documentElement.lang)],
    "title": [`${document.title.length} letters`, document.title.length > 0],
    "description": [`${content("description").length} letters`, content("description").length >= 50],
    "viewport lets visitors zoom": [content("viewport") && "set",
      /width=device-width/.test(content("viewport")) && !/user-scalable=no|maximum-scale/.test(content("viewport"))],
  };
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const told = (element) => element.outerHTML.slice(0, 100);

  const small = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    // Letters on covers are drawn, and their alternative text says the same.
    if (!text.data.trim() || element.closest("svg, script, noscript, .hidden-text") || !shown(element)) continue;
    if (Number.parseFloat(getComputedStyle(element).fontSize) < TEXT) small.push(told(element));
  }

  // As WCAG 2.5.8: a smaller one will do if a circle of that size around its middle meets no other.
  const targets = [...document.querySelectorAll("a[href], button, input, select, summary")]
    .filter((element) => shown(element) && !element.matches(".skip") && !element.closest("p"))
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && box.height > 0);
  const tight = targets
    .filter(({ box }) => Math.min(box.width, box.height) < TARGET)
    .filter(({ element, box }) => {
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      return targets.some(({ element: other, box: near }) => {
        if (other === element) return false;
        const dx = Math.max(near.left - x, 0, x - near.right);
        const dy = Math.max(near.top - y, 0, y - near.bottom);
        return Math.hypot(dx, dy) < TARGET / 2;
      });
    })
    .map(({ element }) => told(element));

  const missing = [...document.querySelectorAll("img:not([alt]), svg[role=img]:not([aria-label], [aria-labelledby])")];
  return { head, small, tight, missing: missing.map(told) };
}
