import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { attachmentPath } from "../../capture/ingest/attachments.ts";
import { describeEnvironment } from "../../capture/ingest/environment.ts";
import { Gates } from "../../capture/ingest/gates.ts";
import { parseHookPayload, parseSpoolName } from "../../capture/ingest/hook-payload.ts";
import { titleFrom } from "../../capture/ingest/session-title.ts";
import { testCommandIn } from "../../capture/ingest/test-commands.ts";

describe("A command runs tests if its exit code says how they went", () => {
  const check = (command: string, expected: string | null): void =>
    test(command, () => expect(testCommandIn(command)).toBe(expected));

  check("npm test", "npm test");
  check("npm run test:unit -- --watch=false", "npm run test:unit -- --watch=false");
  check("cd app && CI=1 npx vitest run", "CI=1 npx vitest run");
  check("npm test 2>&1", "npm test 2>&1");
  check("cd app; npm test", "npm test");
  check("npm test -- -t 'a|b; c'", "npm test -- -t 'a|b; c'");
  check("set -o pipefail; npm test | tail -5", "npm test | tail -5");
  check("set -euo pipefail\nnpm test | tail -5", "npm test | tail -5");
  check("python3 -m pytest -q tests | tail -5", null);
  check("npm test 2>&1 | tail -20", null);
  check("npm test || true", null);
  check("npm test; echo done", null);
  check("npm test && echo ok", null);
  check("npm test &", null);
  check("uv run pytest", "uv run pytest");
  check("go test ./...", "go test ./...");
  check("cargo test --workspace", "cargo test --workspace");
  check("node --test", "node --test");
  check("node --import tsx --test src", "node --import tsx --test src");
  check("./gradlew :app:check test", "./gradlew :app:check test");
  check("timeout 60 make test", "timeout 60 make test");
  check("bundle exec rspec spec/a_spec.rb", "bundle exec rspec spec/a_spec.rb");
  check("npm install", null);
  check("cat test.js", null);
  check("git commit -m 'npm test'", null);
  check("npm test; git status; git diff", null);
  check("x".repeat(5_000), null);
});

describe("A title is the first words of a prompt", () => {
  const check = (prompt: string, expected: string): void =>
    test(expected, () => expect(titleFrom(prompt)).toBe(expected));

  check("  Fix the\n\nrounding ", "Fix the rounding");
  check(`Please ${"look ".repeat(40)}`, `Please ${"look ".repeat(14).trim()}…`);
  check("y".repeat(200), `${"y".repeat(79)}…`);
  check("<system-reminder>Go</system-reminder> on", "Go on");
  check("", "");
});

test("Only files of the session's own folder are taken in, wherever that folder is now", () => {
  const main = {
    harness: "claude-code",
    nativeId: "abc-1",
    agent: null,
    path: "/now/p/abc-1.jsonl",
  } as const;
  const at = (named: string): string | null => attachmentPath(named, main);
  expect(at("/then/p/abc-1/tool-results/x.txt")).toBe("/now/p/abc-1/tool-results/x.txt");
  expect(at("/etc/passwd")).toBeNull();
  expect(at("/then/p/abc-1/../../../etc/passwd")).toBeNull();
  expect(at("/then/p/abc-1/..")).toBeNull();
});

test("The name of a spool file tells harness and time; anything else is none", () => {
  expect(parseSpoolName("1767323045123456789-42.claude-code.json")).toEqual({
    stem: "1767323045123456789-42.claude-code",
    harness: "claude-code",
    atMs: 1_767_323_045_123,
  });
  expect(parseSpoolName("1767323045123456789-42.someone.json")).toBeNull();
  expect(parseSpoolName("notes.json")).toBeNull();
});

test("A hook payload is read for what capture needs, and anything else is null", () => {
  const payload = {
    session_id: "ABC-1",
    hook_event_name: "PreToolUse",
    tool_name: "Bash",
    tool_use_id: "t1",
    cwd: "/w",
    agent_id: "a1",
    tool_input: { command: "make", run_in_background: true },
    permission_mode: "default",
  };
  expect(parseHookPayload(JSON.stringify(payload))).toEqual({
    nativeId: "abc-1",
    name: "PreToolUse",
    tool: "Bash",
    callId: "t1",
    cwd: "/w",
    agent: "a1",
    paths: [],
    background: true,
    transcriptPath: null,
    fields: { permission_mode: "default" },
  });
  for (const bad of ["", "[]", "null", "{}", '{"session_id":"../../x","hook_event_name":"Stop"}']) {
    expect(parseHookPayload(bad)).toBeNull();
  }
});

test("The environment is told from versions, lock files, instructions and skills", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ot-env-"));
  try {
    const config = join(dir, "config");
    await mkdir(join(dir, "work", ".claude", "skills", "deploy"), { recursive: true });
    await mkdir(join(config, "skills", "mine"), { recursive: true });
    const root = join(dir, "work");
    await writeFile(join(root, ".nvmrc"), "v24.1.0\n");
    await writeFile(join(root, "package.json"), '{"packageManager":"pnpm@10.2.0+sha512.abc"}');
    await writeFile(join(root, "pnpm-lock.yaml"), "lock");
    await writeFile(join(root, "AGENTS.md"), "Be kind.");
    await writeFile(join(root, ".claude", "skills", "deploy", "SKILL.md"), "deploy");
    await writeFile(join(config, "CLAUDE.md"), "Be brief.");
    await writeFile(join(config, "skills", "mine", "SKILL.md"), "mine");
    const place = { root, cwd: root, repository: null, snapshot: null, configFolders: [config] };
    const found = await describeEnvironment(quietOp(), place);
    expect(found.runtimes).toEqual({ node: "v24.1.0", pnpm: "10.2.0" });
    expect(Object.keys(found.lockFiles ?? {})).toEqual(["pnpm-lock.yaml"]);
    expect(Object.keys(found.instructions ?? {})).toEqual(["AGENTS.md", join(config, "CLAUDE.md")]);
    expect(Object.keys(found.skills ?? {})).toEqual([
      ".claude/skills/deploy/SKILL.md",
      join(config, "skills", "mine", "SKILL.md"),
    ]);
    expect(found).toMatchObject({ head: null, headTree: null, arch: process.arch });
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("The values of a folder's .env files are secrets in its sessions", async () => {
  const dir = await mkdtemp(join(tmpdir(), "ot-gates-"));
  try {
    await writeFile(join(dir, ".env"), "DB_PASSWORD=tr0ub4dor-and-three-9\n");
    const gates = new Gates(Buffer.alloc(32, 1), {});
    const line = Buffer.from(JSON.stringify({ said: "it is tr0ub4dor-and-three-9" }));
    expect((await gates.gateFor(dir)).line(line).redactions).toBe(1);
    expect((await gates.gateFor(null)).line(line).redactions).toBe(0);
  } finally {
    await rm(dir, { recursive: true });
  }
});
