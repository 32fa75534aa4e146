import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { type PlacedFixture, placeFixture, recordedGit } from "../support/fixture.mjs";
import { replay } from "../support/replay.mjs";

let root = "";
let placed: PlacedFixture;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "ot-replay-"));
  placed = placeFixture("simple-fix", root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Installs `script` as a hook, as the client's settings have it. */
function install(script: string, events: Record<string, string | undefined>): void {
  const file = path.join(root, "hook.sh");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  const hooks = Object.fromEntries(
    Object.entries(events).map(([event, matcher]) => [
      event,
      [
        {
          ...(matcher === undefined ? {} : { matcher }),
          hooks: [{ type: "command", command: `sh ${file}` }],
        },
      ],
    ]),
  );
  writeFileSync(path.join(placed.configFolder, "settings.json"), JSON.stringify({ hooks }));
}

test("installed hooks get their payload on stdin, by event and matcher", async () => {
  const log = path.join(root, "log");
  install(`cat >> ${log}; echo >> ${log}`, { SessionStart: undefined, PreToolUse: "Edit|Write" });
  const counts = await replay(placed.fixture.schedule, placed);
  const payloads = readFileSync(log, "utf8").trim().split("\n");
  const seen = payloads.map((line) => {
    const payload = JSON.parse(line);
    return [payload.hook_event_name, payload.tool_name].filter(Boolean).join(" ");
  });
  expect(seen).toEqual(["SessionStart", "PreToolUse Edit", "PreToolUse Edit", "PreToolUse Write"]);
  expect(counts).toEqual({ lines: 69, files: 0, edits: 4, hooks: 40, hookRuns: 4 });
});

test("each edit is made between the Pre and the Post payload of its call", async () => {
  const states = path.join(root, "states");
  const content = `$(sed -n '/return cents/p' ${placed.repository}/src/cart.js)`;
  install(`echo "${content}" >> ${states}`, { PreToolUse: "Edit", PostToolUse: "Edit" });
  await replay(placed.fixture.schedule, placed);
  expect(readFileSync(states, "utf8").split("\n").slice(0, 4)).toEqual([
    "  return cents(sum - discountPercent);",
    "  return cents(sum * discountPercent / 100);",
    "  return cents(sum * discountPercent / 100);",
    "  return cents(sum * (1 - discountPercent / 100));",
  ]);
});

test("an edit goes into the tree as it is, beside what others have written", async () => {
  const cart = path.join(placed.repository, "src/cart.js");
  await replay(placed.fixture.schedule, {
    ...placed,
    hooks: null,
    onItem(item) {
      if (item.kind !== "hook" || item.payload.hook_event_name !== "UserPromptSubmit") return;
      writeFileSync(cart, `// typed by a person\n${readFileSync(cart, "utf8")}`);
    },
  });
  expect(readFileSync(cart, "utf8")).toMatch(/^\/\/ typed by a person\n/);
  expect(readFileSync(cart, "utf8")).toContain("(1 - discountPercent / 100)");
});

test("a hook that prints into the client's context fails the replay", async () => {
  install("echo hello", { SessionStart: undefined });
  await expect(replay(placed.fixture.schedule, placed)).rejects.toThrow(
    'a hook printed "hello\\n"',
  );
});

test("a replay stops between two items when it is told to", async () => {
  const controller = new AbortController();
  const played = replay(placed.fixture.schedule, {
    ...placed,
    hooks: null,
    signal: controller.signal,
    onItem(item) {
      if (item.kind === "edit") controller.abort();
    },
  });
  await expect(played).rejects.toThrow(/abort/i);
  const [transcript] = readdirSync(path.join(placed.configFolder, "projects"), {
    recursive: true,
    encoding: "utf8",
  }).filter((name) => name.endsWith(".jsonl"));
  const text = readFileSync(path.join(placed.configFolder, "projects", transcript ?? ""), "utf8");
  expect(text.endsWith("\n")).toBe(true);
  expect(text.split("\n").length).toBeLessThan(69);
  expect(recordedGit(placed.repository, ["log", "--format=%s", "-1"])).toBe("Add screenshot");
});
