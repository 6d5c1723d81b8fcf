// Runs before everything else, without WASM: theme, ranker, early clicks, failures.
// A classic script, small on purpose, because it is the only one that blocks the first paint.
// The build puts its text into the page, so that no request stands before that.
(() => {
  const root = document.documentElement;
  const early = (window.honeyguide = { worker: null, broken: false, unable: false, clicks: [] });

  // A theme that the visitor chose; the app stores it as JSON. Storage may be refused.
  try {
    const theme = JSON.parse(localStorage.getItem("honeyguide.theme"));
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {}

  // The sentence for what did not work. The list below it is the popularity order, and stays.
  const fail = (key) => {
    root.classList.add("failed");
    const show = () => {
      const line = document.querySelector(".failure[data-no-wasm]");
      if (!line || !line.hidden) return;
      line.textContent = line.dataset[key];
      line.hidden = false;
    };
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", show);
    else show();
  };
  early.fail = fail;

  // WebAssembly cannot import a module that it does not know yet.
  early.load = (url) => import(new URL(url, document.baseURI).href);

  // A script that cannot be fetched reports here and nowhere else.
  addEventListener(
    "error",
    (event) => {
      if (event.target instanceof HTMLScriptElement) fail("notLoaded");
    },
    true,
  );

  // Clicks on covers before the app runs are kept for it.
  early.listen = (event) => {
    const item = event.target.closest?.(".cover")?.closest("[data-item-id]");
    if (item) early.clicks.push(item.dataset.itemId);
  };
  addEventListener("click", early.listen);

  // What cannot run is not fetched. The smallest module with a 128-bit vector tells.
  const simd = "0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b";
  const bytes = Uint8Array.from(simd.match(/../g), (pair) => Number.parseInt(pair, 16));
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(bytes)) {
    early.unable = true;
    return fail(typeof WebAssembly === "object" ? "noSimd" : "noWasm");
  }

  const address = (name) => document.querySelector(`meta[name="honeyguide-${name}"]`)?.content;

  // The app's WASM, which its script asks for only once it runs itself.
  const app = address("app");
  if (app) {
    const preload = { rel: "preload", as: "fetch", type: "application/wasm", crossOrigin: "anonymous" };
    document.head.append(Object.assign(document.createElement("link"), preload, { href: app }));
  }

  // The ranker loads beside the page instead of after it; the app adopts it.
  const ranker = address("ranker");
  if (ranker) {
    try {
      early.worker = new Worker(ranker, { type: "module" });
      early.worker.onerror = () => {
        early.broken = true;
      };
    } catch {
      early.broken = true;
    }
  }
})();
