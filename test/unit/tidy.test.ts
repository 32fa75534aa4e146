import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { tidy, tidyRules } from "../support/tidy-rules.ts";
import { readTree, type Violation } from "../support/tidy-source.ts";
import { tidyTree } from "../support/tidy-tree.ts";

const root = path.resolve(import.meta.dirname, "../..");

test("this checkout keeps the house rules", () => {
  const files = readTree(root);
  expect([...tidy(files), ...tidyTree(files)].map(shown)).toEqual([]);
});

function shown({ rule, path: at, line, message }: Violation): string {
  return `${at}:${line} ${rule}: ${message}`;
}

/** A tree that keeps every rule; each case below spoils it in one place. */
const clean: Readonly<Record<string, string>> = {
  "package.json": "{}",
  "package-lock.json": "{}",
  "capture/ARCHITECTURE.md": "| `capture/base` | |\n| `capture/trail` | |\n",
  "capture/base/log.ts": "export const log = 1;\n",
  "capture/trail/owners.ts": 'import { log } from "../base/log.ts";\nexport const owner = log;\n',
};

/** Writes `clean` with `changes` over it to disk, and says which rules it breaks. */
function check(changes: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), "ot-tidy-"));
  try {
    for (const [at, text] of Object.entries({ ...clean, ...changes })) {
      mkdirSync(path.dirname(path.join(folder, at)), { recursive: true });
      writeFileSync(path.join(folder, at), text);
    }
    const files = readTree(folder);
    const broken = [...tidy(files), ...tidyTree(files)].map((violation) => violation.rule);
    return [...new Set(broken)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const log = "capture/base/log.ts";
const owners = "capture/trail/owners.ts";
const mapOf = (...folders: string[]): Record<string, string> => ({
  "capture/ARCHITECTURE.md": folders.map((folder) => `| \`${folder}\` | |\n`).join(""),
});

const planted: readonly (readonly [what: string, rule: string, Record<string, string>])[] = [
  ["an import upwards", "layers", { [log]: 'export { owner } from "../trail/owners.ts";\nlet a;' }],
  [
    "an import sideways",
    "layers",
    {
      ...mapOf("capture/base", "capture/trail", "capture/ctx"),
      "capture/ctx/node.ts": 'import { owner } from "../trail/owners.ts";\nowner();\n',
    },
  ],
  [
    "an engine that knows the editor's side",
    "layers",
    {
      ...mapOf("capture/base", "capture/trail", "webview"),
      "webview/protocol/view.ts": "export const a = 1;\n",
      [owners]: 'import { a } from "../../webview/protocol/view.ts";\na();\n',
    },
  ],
  [
    "an extension that goes round the door",
    "layers",
    {
      ...mapOf("capture/base", "capture/trail", "extension"),
      "extension/extension.ts": 'import { owner } from "../capture/trail/owners.ts";\nowner();\n',
    },
  ],
  [
    "a dynamic import upwards",
    "layers",
    { [log]: 'export const late = () => import("../trail/owners.ts");\n' },
  ],
  [
    "a folder without a row",
    "layers",
    {
      ...mapOf("capture/base", "capture/trail", "capture/misc"),
      "capture/misc/a.ts": 'import { log } from "../base/log.ts";\nlog();\n',
    },
  ],
  ["vscode in the engine", "reserved-imports", { [owners]: 'import "vscode";\n' }],
  ["a process from elsewhere", "reserved-imports", { [owners]: 'import "node:child_process";\n' }],
  ["a socket from elsewhere", "reserved-imports", { [owners]: 'import "net";\n' }],
  [
    "a name asked of the network",
    "reserved-imports",
    { [owners]: 'import "node:dns/promises";\n' },
  ],
  ["a request", "no-network-globals", { [owners]: 'await fetch("http://127.0.0.1/");\n' }],
  ["a socket of the web", "no-network-globals", { [log]: "export { WebSocket };\n" }],
  [
    "a request of the global object",
    "no-network-globals",
    { [owners]: 'await globalThis.fetch("http://127.0.0.1/");\n' },
  ],
  ["SQL from elsewhere", "reserved-imports", { [owners]: 'import "sql.js";\n' }],
  ["zod behind the boundary", "reserved-imports", { [owners]: 'import * as z from "zod/mini";\n' }],
  ["a required module", "reserved-imports", { [owners]: 'require("child_process");\n' }],
  ["porcelain from elsewhere", "reserved-imports", { [owners]: 'import "simple-git";\n' }],
  [
    "the toolkit outside of the primitives",
    "reserved-imports",
    {
      ...mapOf("capture/base", "capture/trail", "webview"),
      "webview/apps/timeline/main.tsx": 'import "@vscode/webview-ui-toolkit/react";\n',
    },
  ],
  ["an import without its ending", "import-endings", { [owners]: 'import "../base/log";\n' }],
  ["a file of 401 lines", "file-size", { [owners]: "export {};\n".repeat(401) }],
  [
    "a function of 61 lines",
    "function-size",
    { [owners]: `export function long(): void {\n${"  long();\n".repeat(59)}}\n` },
  ],
  [
    "five parameters",
    "parameters",
    { [owners]: "export function f(a = 1, b = 2, c = 3, d = 4, e = 5): void {}\n" },
  ],
  ["a line of 101 columns", "columns", { [owners]: `export const a = "${"x".repeat(81)}";\n` }],
  ["any", "no-any", { [owners]: "export function f(a: any): void {}\n" }],
  ["an enum", "no-enum", { [owners]: "export enum Kind { A }\n" }],
  ["a default export", "no-default-export", { [owners]: "export default 1;\n" }],
  ["a barrel", "no-barrel", { [owners]: 'export { log } from "../base/log.ts";\n' }],
  ["a star export", "no-barrel", { [owners]: 'export * from "../base/log.ts";\nlet a;\n' }],
  ["a bare cast", "safe-casts", { [owners]: "export const a = 1 as number;\n" }],
  ["a file name in camel case", "file-name", { "capture/base/fileLock.ts": "export {};\n" }],
  ["a skipped test", "no-skipped-tests", { "test/unit/a.test.ts": "test.skip('a', () => {});\n" }],
  ["a lone test", "no-skipped-tests", { "test/unit/a.test.ts": "describe.only('a', f);\n" }],
  ["a postponed comment", "no-todo", { [owners]: "// TO" + "DO later\nexport {};\n" }],
  ["a path of a machine", "workplace-words", { [owners]: `export const a = "/roo${"t"}/x";\n` }],
  ["a file on the top level", "top-level", { "notes.md": "x\n" }],
  ["a folder that the map lacks", "code-map", { "capture/query/why.ts": "export {};\n" }],
  ["a mapped folder that is gone", "code-map", mapOf("capture/base", "capture/trail", "capture/x")],
  ["a download address", "lock-file", { "package-lock.json": '{\n"resolved": "x"\n}' }],
  ["a range of versions", "exact-versions", { "package.json": '{"dependencies":{"a":"^1.0.0"}}' }],
];

describe("a planted violation is found", () => {
  test.each(planted)("%s breaks %s", (_, rule, changes) => {
    expect(check(changes)).toEqual([rule]);
  });

  test("every rule has a planted violation", () => {
    const covered = new Set(planted.map(([, rule]) => rule));
    expect(Object.keys(tidyRules).filter((rule) => !covered.has(rule))).toEqual([]);
  });

  test("the tree that the cases spoil is clean", () => {
    expect(check({})).toEqual([]);
  });

  test("a commented cast, `as const`, and a cast in a test are fine", () => {
    const commented = "// Safe: a number is a number.\nexport const a = 1 as number;\n";
    expect(check({ [owners]: `${commented}export const b = [1] as const;\n` })).toEqual([]);
    expect(check({ "test/unit/a.test.ts": "export const a = 1 as number;\n" })).toEqual([]);
  });
});
