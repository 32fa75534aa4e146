import { expect, test } from "vitest";

import type { CaptureState, Engine } from "../../capture/api.ts";
import { engineThatSays } from "../support/cli-engine.ts";
import { type CliPlace, runOt } from "../support/cli-io.ts";

type SetupRequest = Parameters<Engine["setup"]>[1];

/** Runs a setup in a repository, and gives back what the engine was asked for. */
async function check(
  words: string,
  place: CliPlace = {},
  state: Partial<CaptureState> = {},
): Promise<{ code: number; out: string; err: string; asked: SetupRequest[] }> {
  const asked: SetupRequest[] = [];
  const base = engineThatSays("x");
  const engine: Engine = {
    ...base,
    async setup(_, request) {
      asked.push(request);
      return {
        changes: [{ path: "/home/ada/.claude/settings.json", action: "modify", what: "8 hooks" }],
        notes: ["A note."],
      };
    },
    captureState: async (op, request) => ({
      ...(await base.captureState(op, request)),
      root: "/home/ada/shop",
      ...state,
    }),
  };
  const run = await runOt(words.split(" "), { engine, cwd: "/home/ada/shop/src", ...place });
  return { ...run, asked };
}

const plan = { remove: false, dryRun: true };
const act = { remove: false, dryRun: false };

test("without a terminal it installs, asks nothing, and records no repository", async () => {
  const { asked, err, code } = await check("setup claude-code");
  expect({ asked, err, code }).toEqual({
    asked: [
      { ...plan, target: "claude-code" },
      { ...act, target: "claude-code" },
    ],
    err: "",
    code: 0,
  });
});

test("--yes records the repository around the folder", async () => {
  const { asked } = await check("setup --yes");
  expect(asked).toEqual([plan, { ...act, repo: "/home/ada/shop" }]);
});

test("at a terminal it shows the plan and asks twice", async () => {
  const { asked, err } = await check("setup", {
    columns: 80,
    answers: ["y", ""],
    env: { CI: "0" },
  });
  expect(asked.at(-1)).toEqual({ ...act, repo: "/home/ada/shop" });
  expect(err.replaceAll(new RegExp(`${"\u001b"}\\[\\d+m`, "gu"), "")).toBe(
    [
      "  change    /home/ada/.claude/settings.json  8 hooks",
      "Go on? [Y/n] ",
      "Record what agents do in /home/ada/shop? It stays on this machine. [Y/n] ",
      "",
    ].join("\n"),
  );
});

test("a no to the plan changes nothing", async () => {
  const { asked, code, err } = await check("setup", { columns: 80, answers: ["n"] });
  expect(asked).toEqual([plan]);
  expect(code).toBe(1);
  expect(err).toContain("Nothing was changed.");
});

test("a no to recording still installs the hooks", async () => {
  const { asked } = await check("setup", { columns: 80, answers: ["y", "no"] });
  expect(asked.at(-1)).toEqual(act);
});

test("a repository that was answered for is not asked about again", async () => {
  const place = { columns: 80, answers: ["y", "y"] };
  for (const consent of ["paused", "excluded"] as const) {
    expect((await check("setup", place, { consent })).asked.at(-1)).toEqual(act);
  }
  const { asked, err } = await check("setup", place, { consent: "on" });
  expect(asked.at(-1)).toEqual({ ...act, repo: "/home/ada/shop" });
  expect(err).not.toContain("Record what agents do");
  const outside = { repository: "none", root: null } as const;
  expect((await check("setup --yes", {}, outside)).asked.at(-1)).toEqual(act);
});

test("the dry run asks nothing and only plans", async () => {
  const { asked, out, err } = await check("setup --dry-run", { columns: 80, answers: [] });
  expect(asked.every(({ dryRun }) => dryRun)).toBe(true);
  expect(out).toContain("Nothing was changed: this is the plan.");
  expect(err).toBe("");
});

test("the dry run with --yes names what would be recorded", async () => {
  const { asked } = await check("setup --dry-run --yes");
  expect(asked.at(-1)).toEqual({ ...plan, repo: "/home/ada/shop" });
});

test("removing asks about no repository", async () => {
  const { asked } = await check("setup --remove --yes");
  expect(asked.at(-1)).toEqual({ remove: true, dryRun: false });
});

test("nothing is asked under --json, even at a terminal", async () => {
  const { out, err } = await check("setup --json", { columns: 80, answers: [] });
  expect(err).toBe("");
  expect(JSON.parse(out)).toEqual({
    schema: "opentraces.setup.v1",
    status: "ok",
    changes: [{ path: "/home/ada/.claude/settings.json", action: "modify", what: "8 hooks" }],
    notes: ["A note."],
  });
});
