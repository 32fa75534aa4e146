import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const contributing = readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8");
const architecture = readFileSync(path.join(root, "capture/ARCHITECTURE.md"), "utf8");

/** What stands in backticks and looks like a path of this repository. */
function pathsIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/gu)].map(([, word = ""]) => word);
  return quoted.filter((word) => /^(?:capture|extension|media|test|webview)\//u.test(word));
}

test("every example to imitate exists, and there is one for each kind of addition", () => {
  const rows = [...contributing.matchAll(/^\| an? ([^|]+) \| (.+) \|$/gmu)];
  expect(rows.length).toBeGreaterThanOrEqual(7);
  for (const [row, , examples = ""] of rows) {
    expect(pathsIn(examples), row).not.toEqual([]);
    for (const example of pathsIn(examples)) {
      expect(existsSync(path.join(root, example)), example).toBe(true);
    }
  }
});

test("every other file that the two pages name exists", () => {
  for (const name of [...pathsIn(contributing), ...pathsIn(architecture)]) {
    // A trailing part such as `snapshot-*` stands for several.
    const stem = name.replace(/[^/]*\*.*$/u, "");
    expect(existsSync(path.join(root, stem)), name).toBe(true);
  }
});

test("the code map names each file of capture/git, and no other", () => {
  const groups = /^`capture\/git` by file groups: (.+)$/mu.exec(architecture)?.[1] ?? "";
  const named = [...groups.matchAll(/`([^`]+)`/gu)].map(([, name = ""]) => name.replace("/", ""));
  const present = readdirSync(path.join(root, "capture/git")).map((name) =>
    name.replace(/\.ts$/u, ""),
  );
  expect(named.toSorted()).toEqual(present.toSorted());
});

test("each folder of the code map exists", () => {
  const rows = [...architecture.matchAll(/^\| `([a-z./-]+)` \|/gmu)].map(([, name = ""]) => name);
  const folders = rows.filter((name) => /^(?:capture\/|extension$|webview$)/u.test(name));
  expect(folders.length).toBeGreaterThan(12);
  for (const name of folders) expect(existsSync(path.join(root, name)), name).toBe(true);
});

test("the decisions are numbered from 1, each number once, in name and headline", () => {
  const names = readdirSync(path.join(root, "capture/decisions")).toSorted();
  expect(names.length).toBeGreaterThan(0);
  for (const [at, name] of names.entries()) {
    const number = String(at + 1).padStart(4, "0");
    expect(name).toMatch(new RegExp(`^${number}-[a-z0-9-]+\\.md$`, "u"));
    const [headline] = readFileSync(path.join(root, "capture/decisions", name), "utf8").split("\n");
    expect(headline).toMatch(new RegExp(`^# ${number}\\b`, "u"));
  }
});
