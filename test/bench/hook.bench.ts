import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { type Figure, median } from "../support/bench-figure.ts";
import { ShimHome } from "../support/shim-home.ts";

const rounds = 60;
const payload = JSON.stringify({ session_id: "be0c4be0-c4", tool_input: "x".repeat(2_000) });

/** The least that a hook written in sh can do: keep its stdin in a file of its own. */
const floor = ["sh", "-c", 'cat >"$0/.$$.tmp" && mv "$0/.$$.tmp" "$0/$$.json"'];

/** What one hook costs the agent, by what the shim has to do. */
export async function figures(): Promise<readonly Figure[]> {
  using shim = new ShimHome();
  shim.answer(shim.folder, "@on");
  const elsewhere = path.join(shim.dir, "elsewhere");
  mkdirSync(elsewhere);
  const { shimFile, spoolDir } = shim.home;

  const times = { floor: [] as number[], unasked: [] as number[], spool: [] as number[] };
  const boundary: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    times.floor.push(timed([...floor, spoolDir], shim.folder));
    times.unasked.push(timed([shimFile, "claude-code", "Stop"], elsewhere));
    times.spool.push(timed([shimFile, "claude-code", "SubagentStop"], shim.folder));
    boundary.push(timed([shimFile, "claude-code", "PreToolUse"], shim.folder));
    if (round % 10 === 0) emptySpool(shim);
  }
  const least = median(times.floor);
  const figure = (name: string, value: number, limit: number): Figure => ({
    name,
    value,
    unit: "",
    limit,
  });
  return [
    { name: "hook into the spool", value: median(times.spool), unit: "ms" },
    figure("hook that may not record / sh, cat and mv", median(times.unasked) / least, 2),
    figure("hook into the spool / sh, cat and mv", median(times.spool) / least, 3),
    figure("hook at a boundary without a store / sh, cat and mv", median(boundary) / least, 4),
  ];
}

function timed([command = "", ...args]: readonly string[], cwd: string): number {
  const startMs = performance.now();
  spawnSync(command, args, { cwd, input: payload, env: { PATH: process.env["PATH"] } });
  return performance.now() - startMs;
}

function emptySpool(shim: ShimHome): void {
  rmSync(shim.home.spoolDir, { recursive: true });
  mkdirSync(shim.home.spoolDir);
  writeFileSync(path.join(shim.home.spoolDir, ".heartbeat"), "0 0\n");
}
