import { spawnSync } from "node:child_process";
import path from "node:path";

import { type Figure, median } from "../support/bench-figure.ts";

const rounds = 41;
const ot = path.resolve(import.meta.dirname, "../../dist/ot.cjs");

/** What a person waits for before a verb does anything, beside the bare start of Node. */
export async function figures(): Promise<readonly Figure[]> {
  const times = { bare: [] as number[], version: [] as number[], help: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.bare.push(startMs(["-e", "0"]));
    times.version.push(startMs([ot, "--version"]));
    times.help.push(startMs([ot, "--help"]));
  }
  const bare = median(times.bare);
  return [
    { name: "node -e 0", value: bare, unit: "ms" },
    { name: "ot --version / node -e 0", value: median(times.version) / bare, unit: "", limit: 1.5 },
    { name: "ot --help / node -e 0", value: median(times.help) / bare, unit: "" },
  ];
}

function startMs(args: readonly string[]): number {
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args);
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${String(stderr)}`);
  return performance.now() - startedMs;
}
