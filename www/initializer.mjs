// Trunk calls this around the start of the app. The WASM file may be refused (a policy, a mode of
// the browser, an old browser) or fail to arrive: then the page says so and keeps its first list.

// boot.js has found that this browser cannot run it, and said so. The app's script waits for this
// module, for ever, and fetches nothing.
if (window.honeyguide.unable) await new Promise(() => {});

export default function initializer() {
  return {
    onFailure(error) {
      const refused =
        typeof WebAssembly !== "object" ||
        error instanceof WebAssembly.CompileError ||
        error instanceof WebAssembly.LinkError ||
        error instanceof EvalError;
      window.honeyguide.fail(refused ? "noWasm" : "notLoaded");
    },
  };
}
