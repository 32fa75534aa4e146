import { expect, test } from "vitest";

import { optionsOf, usageOf } from "../../capture/cli/arguments.ts";
import { commandTable } from "../../capture/cli/command-table.ts";
import { engineThatSays } from "../support/cli-engine.ts";
import { runOt } from "../support/cli-io.ts";

const verbs = commandTable.map((spec) => [spec.verb, spec] as const);

test("ot, ot --help, ot -h and ot help print every verb with its line", async () => {
  const runs = await Promise.all([[], ["--help"], ["-h"], ["help"]].map((words) => runOt(words)));
  for (const { code, out } of runs) {
    expect(code).toBe(0);
    for (const [verb, { summary }] of verbs) {
      const line = out.split("\n").find((one) => one.startsWith(`  ot ${verb} `));
      expect(line).toContain(summary);
    }
  }
  expect(new Set(runs.map(({ out }) => out)).size).toBe(1);
});

test("the help fits on a screen of 100 columns and 40 lines", async () => {
  const { out } = await runOt(["--help"]);
  const lines = out.split("\n");
  expect(lines.length).toBeLessThanOrEqual(41);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

test.each(verbs)(
  "the help of %s shows usage, every option, and an example that works",
  async (verb, spec) => {
    const asked = await runOt([...verb.split(" "), "--help"]);
    const named = await runOt(["help", ...verb.split(" ")]);
    expect(asked).toEqual({ ...named, code: 0, err: "" });
    expect(asked.out).toContain(`Usage: ${usageOf(spec)}`);
    for (const { name } of optionsOf(spec)) expect(asked.out).toContain(`--${name}`);
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const [example] of spec.examples) {
      expect(asked.out).toContain(example);
      expect(example.startsWith(`ot ${verb}`)).toBe(true);
      const words = example
        .replace(/ [<|].*$/u, "")
        .split(" ")
        .slice(1);
      const run = await runOt(words, { engine: engineThatSays("x"), cwd: "/" });
      // The files of an example are not here; its form must be right.
      expect(run.code).not.toBe(2);
    }
  },
);

test("each summary is one line that begins with a small letter and ends without a stop", () => {
  for (const [verb, { summary }] of verbs) {
    expect(summary, verb).toMatch(/^[a-z][^\n]{10,66}[^.\n]$/u);
  }
});

test("a group's help holds the verbs of the group", async () => {
  const { out, code } = await runOt(["trail", "--help"]);
  expect(code).toBe(0);
  expect(out).toContain("Usage: ot trail track");
  expect(out).toContain("Usage: ot trail blame pr");
  expect(out).not.toContain("Usage: ot trace list");
});

test("help and version answer in JSON as well", async () => {
  const help = JSON.parse((await runOt(["--help", "--json"])).out);
  expect(help.schema).toBe("opentraces.help.v1");
  expect(help.commands.map(({ verb }: { verb: string }) => verb)).toEqual(
    verbs.map(([verb]) => verb),
  );
  const version = JSON.parse((await runOt(["--version", "--json"])).out);
  expect(version).toEqual({ schema: "opentraces.version.v1", status: "ok", version: "0.1.0" });
  expect((await runOt(["--version"])).out).toBe("0.1.0\n");
});
