// What our activation costs over that of an extension that does nothing: its own time in a fresh
// process, with a stand-in for the `vscode` module.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Figure, median } from "../support/bench-figure.ts";

const rounds = 25;
const limitMs = 5;
const root = path.resolve(import.meta.dirname, "../..");

/** Loads and activates an extension and prints how long that took, in milliseconds. */
const host = `
const Module = require("node:module");
// Every function of VS Code answers with something to dispose of; every class can be made.
const answers = { get: () => undefined, dispose: () => undefined };
const anything = new Proxy(function () {}, {
  get: (_, key) => typeof key === "symbol" || key === "then" ? undefined : answers[key] ?? anything,
  apply: () => anything,
  construct: () => anything,
});
// A bundle copies the members of the module, so these have to be its own.
const members = [
  "commands", "env", "languages", "window", "workspace", "CancellationTokenSource",
  "ConfigurationTarget", "DecorationRangeBehavior", "Disposable", "EventEmitter", "Hover",
  "MarkdownString", "Position", "Range", "Selection", "StatusBarAlignment", "ThemeColor",
  "ThemeIcon", "TreeItem", "Uri",
];
const vscode = Object.fromEntries(members.map((name) => [name, anything]));
const load = Module._load;
Module._load = (name, ...rest) => name === "vscode" ? vscode : load(name, ...rest);
const [, , file, folder] = process.argv;
const context = {
  subscriptions: [],
  extensionPath: folder,
  extensionUri: { fsPath: folder },
  globalStorageUri: { fsPath: folder },
  environmentVariableCollection: anything,
  workspaceState: { get: (_, value) => value, update: () => undefined },
};
const before = performance.now();
require(file).activate(context);
process.stdout.write(String(performance.now() - before));
process.exit(0);
`;

/** Milliseconds of activation, the median of interleaved rounds, ours less the empty one's. */
export async function figures(): Promise<readonly Figure[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), "ot-activation-"));
  try {
    const program = path.join(scratch, "host.cjs");
    const empty = path.join(scratch, "empty/dist/extension.cjs");
    mkdirSync(path.dirname(empty), { recursive: true });
    writeFileSync(program, host);
    writeFileSync(empty, "exports.activate = () => undefined;\n");
    const ours = path.join(root, "dist/extension.cjs");
    const time = (file: string) => Number(execFileSync(process.execPath, [program, file, scratch]));
    const times = Array.from({ length: rounds }, () => ({ ours: time(ours), empty: time(empty) }));
    const own = median(times.map((round) => round.ours - round.empty));
    return [{ name: "activation over an empty extension", value: own, unit: "ms", limit: limitMs }];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
