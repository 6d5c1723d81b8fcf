// The service worker: after the first visit the page works without a connection.
//
// Every version of the site has one cache of its own, and is answered from that one alone, page
// included. So a page never meets files of another version: neither while a host is half updated,
// nor when the connection goes in the middle of a visit. A newer version fills its cache in the
// background and waits; the page offers it, and it takes over when the visitor says so, or when the
// last tab has been closed. Asking the network for the page first would be fresher by one visit, but
// slower on each, and would bring new pages to old files.
//
// What is stored must have the hash that the build wrote down. Without room, without storage or under
// Save-Data nothing is lost but the cache.

// `honeyguide finish`, `honeyguide publish` and the server fill this in: a version made from all
// contents, and the first 16 hex digits of each file's SHA-256. `now` is stored at once, `later` (the
// trainers, which are large) when the page has fetched it.
const SITE = /*honeyguide:site*/ { version: "", now: {}, later: {} } /*/honeyguide:site*/;

const PAGE = "index.html";
const root = new URL(registration.scope).pathname;
// Other paths of the same host may hold sites of ours, too, and they share its caches.
const OURS = `honeyguide:${root}:`;
const CACHE = OURS + SITE.version;
// Files are named, so neither a query string nor the headers of a request choose between them.
const NAMED = { ignoreSearch: true, ignoreVary: true };

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => {
  if (event.data === "activate") skipWaiting();
});
addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== null) event.respondWith(answer(event, path));
});

async function install() {
  const cache = await caches.open(CACHE);
  // A trainer that did not change stays on the device.
  await Promise.all(Object.keys(SITE.later).map((path) => carry(cache, path)));
  if (navigator.connection?.saveData) return;
  // All or nothing: if one fails, this version is not installed, and the next visit tries again.
  await Promise.all(Object.keys(SITE.now).map((path) => store(cache, path)));
}

async function activate() {
  const names = await caches.keys().catch(() => []);
  const old = names.filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The page of the first visit, too: what it fetches from now on is stored.
  await clients.claim();
}

/** The file that a request asks for, as a path below the root; null if it is none of the site's. */
function pathOf({ method, mode, url: address }) {
  const url = new URL(address);
  if (method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(root)) return null;
  // The page reads its own query string; for a file one would mean something that is not known here.
  if (url.search && mode !== "navigate") return null;
  const path = url.pathname.slice(root.length) || PAGE;
  return hashOf(path) ? path : null;
}

const hashOf = (path) =>
  [SITE.now, SITE.later].find((files) => Object.hasOwn(files, path))?.[path];

// By its folder, because some hosts answer the page's own name with a redirection.
const addressOf = (path) => new URL(path === PAGE ? "./" : path, registration.scope).href;

async function answer(event, path) {
  const held = await caches
    .open(CACHE)
    .then((cache) => cache.match(addressOf(path), NAMED))
    .catch(() => undefined);
  if (held) return held;
  const response = await fetch(event.request);
  // The page does not wait for the disk, and a full one is no failure.
  if (response.ok) event.waitUntil(keep(path, response.clone()).catch(() => {}));
  return response;
}

async function keep(path, response) {
  const cache = await caches.open(CACHE);
  if (await isOfThisVersion(path, response)) await cache.put(addressOf(path), plain(response));
}

async function store(cache, path) {
  const address = addressOf(path);
  if (await cache.match(address, NAMED)) return;
  // The page has just fetched it, so the browser still has it; unless a host lets it keep old files.
  for (const mode of ["default", "reload"]) {
    const response = await fetch(address, { cache: mode });
    if (response.ok && (await isOfThisVersion(path, response))) {
      return cache.put(address, plain(response));
    }
  }
  throw new Error(`${path} is not of version ${SITE.version}`);
}

async function carry(cache, path) {
  const address = addressOf(path);
  for (const name of await caches.keys()) {
    if (!name.startsWith(OURS) || name === CACHE) continue;
    const held = await caches.open(name).then((old) => old.match(address, NAMED));
    if (held && (await isOfThisVersion(path, held))) await cache.put(address, held);
  }
}

async function isOfThisVersion(path, response) {
  const digest = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
  const hex = [...new Uint8Array(digest, 0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("") === hashOf(path);
}

/** A response that may answer a navigation: browsers refuse those that were redirected. */
function plain(response) {
  if (!response.redirected) return response;
  const { headers, status } = response;
  return new Response(response.body, { headers, status });
}
