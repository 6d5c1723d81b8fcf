// Registers the service worker and tells the app when a newer version of the page waits.
// It runs after the page is up, and everything in it may be refused: then the page works as before.
(() => {
  const early = window.honeyguide;
  const root = document.documentElement;

  // Old browsers have none, nor has a page that did not come over a secure connection.
  const workers = navigator.serviceWorker;
  if (!workers || early.unable) return;

  // The app calls `newer` when the visitor asks for it. Nothing reloads by itself.
  const tell = (newer) => {
    early.newer = newer;
    dispatchEvent(new Event("honeyguide:newer"));
  };

  let asked = false;
  let controlled = Boolean(workers.controller);
  workers.addEventListener("controllerchange", () => {
    if (asked) location.reload();
    // Another tab has let the newer version in, and the files of this one are gone.
    else if (controlled) tell(() => location.reload());
    controlled = true;
  });

  const follow = (registration) => {
    const waits = () => {
      // Without a controller it is the first version, or the visitor has reloaded past it.
      if (!registration.waiting || !workers.controller) return;
      tell(() => {
        asked = true;
        if (registration.waiting) registration.waiting.postMessage("activate");
        else location.reload();
      });
    };
    const installs = () => registration.installing?.addEventListener("statechange", waits);
    registration.addEventListener("updatefound", installs);
    installs();
    waits();
  };

  const register = () => workers.register("./sw.js").then(follow, () => {});

  // Not before the ranker answers: the first list comes first, and by then the browser has most of
  // the files, so that storing them costs no second download.
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 200));
  const watch = new MutationObserver(() => begin());
  const begin = () => {
    if (root.dataset.ready !== "true") return;
    watch.disconnect();
    idle(register);
  };
  watch.observe(root, { attributeFilter: ["data-ready"] });
  begin();
})();
