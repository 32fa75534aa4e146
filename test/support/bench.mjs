import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";

import { bootstrap, root } from "./bootstrap.mjs";
import { Missing, runMain, say } from "./say.mjs";

/**
 * One line of the table. `limit` is the most that is allowed, or with `atLeast` the least.
 *
 * @typedef {{name: string, value: number, unit: string, limit?: number, atLeast?: boolean}} Figure
 */

/** Runs the benchmarks named on the command line, else all, and prints one table. */
async function main() {
  await bootstrap(import.meta.url);
  const { buildAll } = await import("./build.mjs");
  await buildAll();

  const folder = path.join(root, "test/bench");
  const wanted = process.argv.slice(2);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".bench.ts"))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  if (files.length === 0) throw new Missing("No benchmark has that name.");

  const figures = [];
  for (const file of files) {
    say(`Measuring ${file} ...`);
    figures.push(...(await measure(path.join(folder, file))));
  }
  process.stdout.write(`${table(figures)}\n`);
  return figures.every(isWithinLimit) ? 0 : 1;
}

/** In a process of its own: memory and warm-up of one do not touch the next. */
function measure(file) {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--expose-gc", path.join(import.meta.dirname, "bench-one.mjs"), file],
      { cwd: root, stdio: ["ignore", "inherit", "inherit", "ipc"] },
    );
    let figures;
    child.on("message", (message) => (figures = message));
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0 && figures !== undefined) resolve(figures);
      else reject(new Error(`${path.basename(file)} ended with ${code} and gave no figures.`));
    });
  });
}

/** @param {Figure} figure */
function isWithinLimit({ value, limit, atLeast }) {
  if (limit === undefined) return true;
  return atLeast === true ? value >= limit : value <= limit;
}

/** @param {readonly Figure[]} figures */
function table(figures) {
  const rows = figures.map((figure) => [
    figure.name,
    `${rounded(figure.value)} ${figure.unit}`.trim(),
    limitOf(figure),
    isWithinLimit(figure) ? "ok" : "MISSED",
  ]);
  const all = [["figure", "measured", "limit", ""], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** @param {Figure} figure */
function limitOf({ limit, unit, atLeast }) {
  if (limit === undefined) return "-";
  return `${atLeast === true ? "at least" : "at most"} ${limit} ${unit}`.trim();
}

function rounded(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

await runMain(main);
