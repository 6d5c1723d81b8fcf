// A static host as bare as they come: files below a path, their types, and no other header.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/**
 * Serves a folder below a path that ends with a slash, until the test ends; returns the address
 * without that slash.
 *
 * - `change`: called with each file's name and bytes; returns what is sent
 */
export async function host(stage, folder, below, { change = (name, bytes) => bytes } = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    const name = pathname.startsWith(below) && (pathname.slice(below.length) || "index.html");
    try {
      if (!name || name.includes("..")) throw new Error("nothing there");
      const bytes = change(name, await readFile(path.join(folder, name)));
      response.setHeader("Content-Type", TYPES[path.extname(name)] ?? "application/octet-stream");
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end("Not found\n");
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stage.stop = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  stage.atEnd(stage.stop);
  return `http://127.0.0.1:${server.address().port}${below.slice(0, -1)}`;
}
