import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(path.join(root, name), "utf8");
const manifest = JSON.parse(read("package.json"));
const contributes: {
  commands: readonly { command: string; title: string; category?: string }[];
  configuration: { properties: Record<string, { default: unknown; type: string }> };
  menus: Record<string, readonly { command: string; when?: string }[]>;
  viewsWelcome: readonly { contents: string }[];
  walkthroughs: readonly {
    steps: readonly { description: string; media: { markdown: string } }[];
  }[];
} = manifest.contributes;

/** Every text in a source file between these marks, sorted. */
function found(name: string, pattern: RegExp): string[] {
  return [...read(name).matchAll(pattern)].map(([, text]) => text ?? "").toSorted();
}

const commands = [
  "opentraces.doctor",
  "opentraces.excludeRepository",
  "opentraces.importSessions",
  "opentraces.openStep",
  "opentraces.openStepDiff",
  "opentraces.pauseCapture",
  "opentraces.pickSession",
  "opentraces.refreshTimeline",
  "opentraces.removeCapture",
  "opentraces.resumeCapture",
  "opentraces.setUpCapture",
  "opentraces.showLog",
  "opentraces.showSession",
  "opentraces.showTimeline",
  "opentraces.toggleGutter",
  "opentraces.toggleLineAnnotation",
  "opentraces.why",
];

const settings = {
  "opentraces.engine.home": "",
  "opentraces.gutter.enabled": true,
  "opentraces.hover.enabled": true,
  "opentraces.lineAnnotation.enabled": true,
  "opentraces.statusBar.enabled": true,
  "opentraces.terminal.addToPath": true,
};

describe("the commands", () => {
  test("of package.json are these", () => {
    expect(contributes.commands.map(({ command }) => command).toSorted()).toEqual(commands);
  });

  test("of the command table are the same", () => {
    expect(found("extension/commands/commands.ts", /^ {2}"(opentraces\.\w+)":/gmu)).toEqual(
      commands,
    );
  });

  test("of menus, welcomes and the walkthrough exist", () => {
    const inMenus = Object.values(contributes.menus).flatMap((menu) => menu.map((m) => m.command));
    const texts = JSON.stringify([contributes.viewsWelcome, contributes.walkthroughs]);
    const inLinks = [...texts.matchAll(/command:([\w.]+)/gu)].map(([, id]) => id ?? "");
    expect([...inMenus, ...inLinks].filter((id) => !commands.includes(id))).toEqual([]);
  });

  test("that need an argument are not in the palette", () => {
    const hidden = contributes.menus["commandPalette"]?.filter(({ when }) => when === "false");
    expect(hidden?.map(({ command }) => command).toSorted()).toEqual([
      "opentraces.openStep",
      "opentraces.openStepDiff",
      "opentraces.showSession",
    ]);
  });

  test("carry the name of the product as their category", () => {
    expect(contributes.commands.filter(({ category }) => category !== "opentraces")).toEqual([]);
  });
});

describe("the settings", () => {
  test("and their defaults are these", () => {
    const { properties } = contributes.configuration;
    const defaults = Object.entries(properties).map(([key, value]) => [key, value.default]);
    expect(Object.fromEntries(defaults)).toEqual(settings);
  });

  test("that are read are the same", () => {
    const flags = found("extension/base/settings.ts", /flag\("([\w.]+)"\)/gu);
    const others = found("extension/base/settings.ts", /\.get<unknown>\("([\w.]+)"\)/gu);
    const keys = [...flags, ...others].map((key) => `opentraces.${key}`);
    expect(keys.toSorted()).toEqual(Object.keys(settings));
  });

  test("that a command toggles are among them", () => {
    const toggled = found("extension/commands/commands.ts", /toggle\("([\w.]+)"\)/gu);
    expect(toggled).toEqual(["gutter.enabled", "lineAnnotation.enabled"]);
  });
});

test("the identifier, the entry and the activation are what others rely on", () => {
  const { publisher, name, main, activationEvents, engines } = manifest;
  expect({ id: `${publisher}.${name}`, main, activationEvents, vscode: engines.vscode }).toEqual({
    id: "opentraces.opentraces",
    main: "./dist/extension.cjs",
    activationEvents: ["onStartupFinished"],
    vscode: "^1.101.0",
  });
});

test("every picture and page of the manifest is there", () => {
  const named = [...read("package.json").matchAll(/"(media\/[^"]+)"/gu)].map(([, at]) => at ?? "");
  expect(named.length).toBeGreaterThan(0);
  for (const at of named) expect(read(at), at).not.toBe("");
});

test("the page's requests and their parsers have the same names", () => {
  const contract = read("webview/protocol/timeline.ts");
  const requests = [...contract.matchAll(/^ {4}(\w+)\(params/gmu)].map(([, name]) => name ?? "");
  expect(requests.toSorted()).toEqual([
    "openCommit",
    "openDiff",
    "openFile",
    "rows",
    "run",
    "save",
    "start",
    "stepDiff",
    "stepText",
  ]);
});
