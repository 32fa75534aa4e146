import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect, test } from "vitest";

import { usageOf } from "../../capture/cli/arguments.ts";
import { commandTable } from "../../capture/cli/command-table.ts";
import { laterVerbs } from "../../capture/cli/later-verbs.ts";
import { runOt } from "../support/cli-io.ts";

const root = path.resolve(import.meta.dirname, "../..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

test("the table of commands is the program's own, both ways", () => {
  const rows = [...readme.matchAll(/^\| `(ot [^`]+)` \| (.+) \|$/gmu)];
  const documented = rows.map(([, usage = "", does]) => [usage.replaceAll("\\|", "|"), does]);
  expect(documented).toEqual(commandTable.map((spec) => [usageOf(spec), spec.summary]));
});

test("every ot command line in a code block is one that the program takes", async () => {
  const lines = [...readme.matchAll(/^ot ([^#\n]+)/gmu)].map(([, line = ""]) => line.trim());
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    const run = await runOt([...line.split(/\s+/u), "--help"]);
    expect(run, line).toMatchObject({ code: 0 });
  }
});

test("verbs that are spoken of in the text are there", () => {
  const spoken = [...readme.matchAll(/`ot ((?:[a-z]+ ?)+)/gu)].map(([, words = ""]) =>
    words.trim(),
  );
  const known = commandTable.map(({ verb }) => verb);
  for (const words of spoken) {
    expect(
      known.some((verb) => words === verb || words.startsWith(`${verb} `)),
      words,
    ).toBe(true);
    expect(
      laterVerbs.some((verb) => words.startsWith(verb)),
      words,
    ).toBe(false);
  }
});

test("every npm script that is named is there", () => {
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/gu)].map(([, script = ""]) => script);
  for (const script of named) {
    if (["ci", "link"].includes(script)) continue;
    expect(Object.keys(manifest.scripts)).toContain(script);
  }
});

test("every link leads to a file, and the package to install has this version", () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/gu)].map(([, target = ""]) => target);
  expect(links).toEqual(expect.arrayContaining(["CONTRIBUTING.md", "capture/ARCHITECTURE.md"]));
  for (const target of links) expect(existsSync(path.join(root, target)), target).toBe(true);
  expect(readme).toContain(`opentraces-${manifest.version}.vsix`);
});

test("the exit codes in the text are those of the table", async () => {
  const { errors } = JSON.parse((await runOt(["help", "errors", "--json"])).out);
  const codes = new Set(errors.map(({ exitCode }: { exitCode: number }) => exitCode));
  const [, list = ""] = /Exit codes: ([^\n]+)/u.exec(readme) ?? [];
  const named = [...list.matchAll(/\b(\d+) /gu)].map(([, code]) => Number(code));
  expect(named).toEqual([0, ...[...codes].toSorted((a, b) => Number(a) - Number(b))]);
});
