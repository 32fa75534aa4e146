import { spawn } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import { toyAdapter } from "../support/toy-adapter.ts";
import { makeToyHome, unitContent } from "../support/toy-home.ts";

const child = join(import.meta.dirname, "../support/killed-ingest.mjs");

/** Starts the child, lets it take in some lines, and kills it `ms` after the last of those. */
function runAndKill(args: readonly string[], lines: number, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let faults = "";
    let seen = 0;
    running.stderr.on("data", (text) => (faults += String(text)));
    running.stdout.on("data", (text) => {
      seen += String(text).split("\n").length - 1;
      if (seen >= lines) setTimeout(() => running.kill("SIGKILL"), ms);
    });
    running.on("exit", (_code, signal) => {
      if (signal === "SIGKILL") resolve();
      else reject(new Error(faults));
    });
  });
}

test("After kill -9 at any moment, the next ingest gives the bytes of one ingest", async () => {
  await using toy = await makeToyHome();
  const killed = join(toy.dir, "killed");
  // The delays spread the kills over gate, append, fsync, folds and session.json.
  for (const [round, ms] of [0, 1, 3, 7, 12].entries()) {
    await runAndKill([killed, toy.native, String(round * 100)], 2 + round, ms);
  }
  const open = (home: string): Promise<Ingest> =>
    Ingest.open({
      home: homeAt(home),
      adapters: [toyAdapter(toy.native)],
      environment: { home, env: {} },
      consentOf: () => "on",
    });
  await using ingest = await open(killed);
  await ingest.importPaths(quietOp(), { paths: [] });
  const whole = join(toy.dir, "whole");
  await cp(join(killed, "key"), join(whole, "key"), { recursive: true });
  await using other = await open(whole);
  await other.importPaths(quietOp(), { paths: [] });
  const [a, b] = [ingest, other].map(({ catalog }) => catalog.find("session-1").dir);
  const content = await unitContent(a ?? "");
  // Blobs that no record refers to may be left by a kill; none may be missing.
  const expected = await unitContent(b ?? "");
  for (const [name, bytes] of Object.entries(expected)) expect(content[name], name).toBe(bytes);
  expect(await readFile(join(a ?? "", "session.json"), "utf8")).toBe(
    await readFile(join(b ?? "", "session.json"), "utf8"),
  );
}, 60_000);
