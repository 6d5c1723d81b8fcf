// Statistics, and the table that the benchmarks print.

import os from "node:os";

/** The value that so large a share of all values does not exceed. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)];
}

export const median = (values) => quantile(values, 0.5);

export const milliseconds = (value) =>
  value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 2 : 0)} ms`;

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** How busy the machine is besides: the load of the last minute. */
export const load = () => `load ${os.loadavg()[0].toFixed(1)}`;

/** Prints one row; the last column is the load while it was measured. */
export function print(name, measured, target = "", verdict = "") {
  const cells = [name.padEnd(58), measured.padStart(12), target.padStart(11), verdict.padEnd(6)];
  console.log(`${cells.join("  ")}  ${load()}`);
}

/** Prints a figure beside its target, both formatted alike. */
export function judge(name, value, target, format) {
  print(name, format(value), `≤ ${format(target)}`, value <= target ? "met" : "missed");
}

/** Prints what was measured on which machine. */
export function head(title, version) {
  const processor = os.cpus()[0]?.model.trim() ?? "unknown processor";
  console.log(`\n${title}`);
  console.log(`${os.cpus().length} cores, ${processor}; ${version}, headless; ${load()}\n`);
}
