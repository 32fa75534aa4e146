import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";

import { homeAt } from "../../capture/base/home.ts";
import { consentFile, consentOf, consentRoot, writeConsent } from "../../capture/setup/consent.ts";
import { takeHook } from "../../capture/setup/take-hook.ts";
import { shellsOfThisMachine, ShimHome } from "../support/shim-home.ts";

interface Place {
  /** Folder that the agent works in, below the repository unless absolute. */
  readonly cwd?: string;
  prepare(shim: ShimHome): void;
}

/** A linked work tree of the repository, beside it. */
function linkedTree(shim: ShimHome, link: string): string {
  const tree = path.join(shim.dir, "feature");
  mkdirSync(tree);
  mkdirSync(path.join(shim.folder, ".git/worktrees/feature"), { recursive: true });
  writeFileSync(path.join(tree, ".git"), `gitdir: ${link}\n`);
  return tree;
}

const places: Record<string, [expected: string, place: Place]> = {
  "nothing was answered": ["unasked", { prepare: () => undefined }],
  "the repository is on": ["on", { prepare: (shim) => shim.answer(shim.folder, "@on") }],
  "a folder below it": [
    "on",
    { cwd: "src/deep", prepare: (shim) => shim.answer(shim.folder, "@on") },
  ],
  "it is paused": ["paused", { prepare: (shim) => shim.answer(shim.folder, "@paused") }],
  "it is excluded": ["excluded", { prepare: (shim) => shim.answer(shim.folder, "@excluded") }],
  "two answers at once": [
    "paused",
    {
      prepare: (shim) => {
        shim.answer(shim.folder, "@on");
        shim.answer(shim.folder, "@paused");
      },
    },
  ],
  "an ignore file in the repository": [
    "excluded",
    {
      prepare: (shim) => {
        shim.answer(shim.folder, "@on");
        writeFileSync(path.join(shim.folder, ".opentraces-ignore"), "");
      },
    },
  ],
  "a nested repository follows the one around it": [
    "on",
    {
      cwd: "vendor/lib",
      prepare: (shim) => {
        shim.answer(shim.folder, "@on");
        mkdirSync(path.join(shim.folder, "vendor/lib/.git"), { recursive: true });
      },
    },
  ],
  "a nested repository with an answer of its own": [
    "excluded",
    {
      cwd: "vendor/lib",
      prepare: (shim) => {
        shim.answer(shim.folder, "@on");
        shim.answer(path.join(shim.folder, "vendor/lib"), "@excluded");
      },
    },
  ],
  "a neighbour whose name begins alike": [
    "unasked",
    { cwd: "../shop-two", prepare: (shim) => shim.answer(shim.folder, "@on") },
  ],
  "a linked work tree follows the main one": [
    "on",
    {
      cwd: "../feature",
      prepare: (shim) => {
        shim.answer(shim.folder, "@on");
        linkedTree(shim, path.join(shim.folder, ".git/worktrees/feature"));
      },
    },
  ],
  "a linked work tree with a relative link": [
    "paused",
    {
      cwd: "../feature/src",
      prepare: (shim) => {
        shim.answer(shim.folder, "@paused");
        mkdirSync(path.join(linkedTree(shim, "../shop/.git/worktrees/feature"), "src"));
      },
    },
  ],
  "a linked work tree with an answer of its own": [
    "excluded",
    {
      cwd: "../feature",
      prepare: (shim) => {
        shim.answer(shim.folder, "@on");
        const tree = linkedTree(shim, path.join(shim.folder, ".git/worktrees/feature"));
        shim.answer(tree, "@excluded");
      },
    },
  ],
  "a folder behind a symbolic link": [
    "on",
    {
      cwd: "../link",
      prepare: (shim) => {
        shim.answer(shim.folder, "@on");
        symlinkSync(shim.folder, path.join(shim.dir, "link"));
      },
    },
  ],
};

describe.each(Object.entries(places))("%s", (_, [expected, place]) => {
  function prepared(): { shim: ShimHome; cwd: string } {
    const shim = new ShimHome();
    place.prepare(shim);
    const cwd = path.resolve(shim.folder, place.cwd ?? ".");
    mkdirSync(cwd, { recursive: true });
    return { shim, cwd };
  }

  test(`means ${expected}`, () => {
    const { shim, cwd } = prepared();
    using _shim = shim;
    expect(consentOf(shim.home, cwd)).toBe(expected);
  });

  test.each(shellsOfThisMachine)("and the shim agrees under %s", (...shell) => {
    const { shim, cwd } = prepared();
    using _shim = shim;
    expect(shim.run(shell, { cwd })).toEqual({ exitCode: 0, printed: "" });
    expect(shim.payloads()).toHaveLength(expected === "on" ? 1 : 0);
  });

  test("and so does its slow twin", async () => {
    const { shim, cwd } = prepared();
    using _shim = shim;
    const stdin = Readable.from([Buffer.from('{"session_id":'), Buffer.from('"s-1"}')]);
    const env = { OPENTRACES_HOME: shim.home.root };
    await takeHook({ env, cwd, harness: "claude-code", event: "SubagentStop", stdin });
    expect(shim.payloads().map(String)).toEqual(expected === "on" ? ['{"session_id":"s-1"}'] : []);
  });
});

test("an answer replaces the one before", async () => {
  using shim = new ShimHome();
  for (const state of ["on", "paused", "excluded", "on"] as const) {
    await writeConsent(shim.home, shim.folder, state);
    expect(consentOf(shim.home, shim.folder)).toBe(state);
  }
});

test("an answer is kept for the main work tree of the repository", () => {
  using shim = new ShimHome();
  const tree = linkedTree(shim, path.join(shim.folder, ".git/worktrees/feature"));
  mkdirSync(path.join(shim.folder, "src"));
  expect(consentRoot(path.join(shim.folder, "src"))).toBe(shim.folder);
  expect(consentRoot(tree)).toBe(shim.folder);
  expect(consentRoot(shim.dir)).toBe(shim.dir);
});

test("the mark of an answer stands where the formats say", () => {
  expect(consentFile(homeAt("/h"), "/home/ada/shop", "on")).toBe("/h/consent/home/ada/shop/@on");
});

test("the twin leaves the same files at a boundary", async () => {
  using shim = new ShimHome();
  shim.answer(shim.folder, "@on");
  const stdin = Readable.from([Buffer.from('{"session_id":"s-1"}')]);
  const env = { OPENTRACES_HOME: shim.home.root };
  await takeHook({ env, cwd: shim.folder, harness: "claude-code", event: "PreToolUse", stdin });
  const names = shim.spooled().map((name) => name.replace(/^\d{19}-\d+/, "#"));
  expect(names).toEqual(["#.claude-code.boundary", "#.claude-code.json"]);
});
