import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { recordedGit } from "../support/fixture.mjs";
import { bodyDigest, canonical, rebuildRequests, sha256 } from "../support/sanitise-journal.mjs";
import { PLANTED_SECRETS } from "../support/sanitise-secrets.mjs";

// A made-up recording: the client's words in it are ours, and all begin with "CLIENT".
const LAB = "/home/dev/somewhere";
const CWD = `${LAB}/runs/claude/tiny/shop`;
const HOME = `${LAB}/runs/claude/tiny/home`;
const SLUG = CWD.replace(/[^a-zA-Z0-9]/g, "-");
const SECRET = PLANTED_SECRETS.get("github-token-1") ?? "";
const PROMPT = `Please mend the cart, the token is ${SECRET}.`;
const ANSWER = "I mended the cart and ran every test that there is.";
const SYSTEM = "CLIENT says that it is a model which mends carts.\n - CLIENT has one more rule.";
const REMINDER = `<system-reminder>\nCLIENT reminds you of the folder ${CWD}.\n</system-reminder>`;
const BETAS = ["one-2026", "two-2026"];

const system = [{ type: "text", text: SYSTEM }];
const tools = [
  {
    name: "Read",
    description: "CLIENT reads a file.",
    input_schema: {
      type: "object",
      properties: { file_path: { type: "string", description: "CLIENT path" } },
    },
  },
];
const opening = {
  role: "user",
  content: [
    { type: "text", text: REMINDER },
    { type: "text", text: PROMPT },
  ],
};
const body = { model: "m-1", max_tokens: 10, system, tools, messages: [opening] };
const transcriptBase = { sessionId: "s-1", cwd: CWD, timestamp: "2026-01-01T00:00:00.000Z" };

let root = "";
let recording = "";
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "ot-sanitise-test-"));
  recording = path.join(root, "recording");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, content: string): void {
  const file = path.join(recording, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function session(toolResult: string): object[] {
  const shape = { system, tools };
  const shapeHash = sha256(canonical(shape));
  const hash = sha256(canonical(opening, true));
  return [
    { ...transcriptBase, type: "user", message: { role: "user", content: PROMPT } },
    {
      ...transcriptBase,
      type: "attachment",
      attachment: { type: "environment", snapshot: { osVersion: "Linux 9.9.9-machine" } },
      rendered: [{ content: REMINDER }],
    },
    { type: "api-request-shape", shapeHash, shape },
    { type: "api-request-blob", hash, message: opening },
    {
      type: "api-request",
      id: "r-1",
      shapeHash,
      params: { model: "m-1", max_tokens: 10, betas: BETAS },
      keep: 0,
      tail: [hash],
      cacheControl: [],
      requestDigest: bodyDigest(body, BETAS),
    },
    {
      ...transcriptBase,
      type: "assistant",
      message: { role: "assistant", id: "msg-1", content: [{ type: "text", text: ANSWER }] },
    },
    {
      ...transcriptBase,
      type: "user",
      message: {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "t-1", content: toolResult }],
      },
    },
  ];
}

function answerStream(): string {
  const events = [
    { type: "message_start", message: { id: "msg-1", usage: { input_tokens: 3 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: ANSWER } },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } },
  ];
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

function record(toolResult: string): void {
  const repository = path.join(root, "shop");
  mkdirSync(repository, { recursive: true });
  recordedGit(repository, ["init", "-q", "-b", "main"]);
  writeFileSync(path.join(repository, "cart.js"), "export const aLineOfTheCart = 'of our own';\n");
  recordedGit(repository, ["add", "-A"]);
  const identity = ["-c", "user.name=Jane", "-c", "user.email=jane@example.com"];
  recordedGit(repository, [...identity, "commit", "-q", "-m", "First"]);
  mkdirSync(recording, { recursive: true });
  for (const name of ["before", "after"]) {
    const bundle = path.join(recording, `repo-${name}.bundle`);
    recordedGit(repository, ["bundle", "create", "-q", bundle, "--all"]);
  }
  const lines = session(toolResult).map((item) => `${JSON.stringify(item)}\n`);
  put(`native/.claude/projects/${SLUG}/s-1.jsonl`, lines.join(""));
  const hook = { session_id: "s-1", cwd: CWD, hook_event_name: "UserPromptSubmit", prompt: PROMPT };
  put("hooks/1767225600000000000-7.json", JSON.stringify(hook));
  const headers = { "anthropic-beta": BETAS.join(",") };
  const request = { n: 1, receivedAt: "2026-01-01T00:00:00.000Z", kind: "messages", headers, body };
  put("requests/0001-messages.request.json", JSON.stringify(request));
  put("requests/0001-messages.response.txt", answerStream());
  put("out/commands.txt", `claude -p ${PROMPT} --session-id s-1\n`);
  const manifest = { agent: "claude", scenario: "tiny", client: "claude-code 0.0.0" };
  put("MANIFEST.json", JSON.stringify({ ...manifest, cwd: CWD, home: HOME, digestsValid: true }));
}

function sanitise(to: string): { code: number | null; stderr: string } {
  const script = new URL("../support/sanitise.mjs", import.meta.url).pathname;
  const run = spawnSync(process.execPath, [script, recording, to], { encoding: "utf8" });
  return { code: run.status, stderr: run.stderr };
}

function textOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => /\.\w+$/.test(name));
  return files.map((name) => `${name}\n${readFileSync(path.join(folder, name), "utf8")}`).join("");
}

test("the client's words, the machine and the secrets are gone, and ours are still there", () => {
  record("1\texport const aLineOfTheCart = 'of our own';");
  const to = path.join(root, "fixture");
  expect(sanitise(to)).toEqual({ code: 0, stderr: "" });
  const text = textOf(to);
  expect(text).not.toMatch(/CLIENT|somewhere|machine|9\.9\.9/);
  expect(text).not.toContain(SECRET);
  expect(text).toContain("Please mend the cart, the token is @@SECRET:github-token-1@@.");
  expect(text).toContain(ANSWER);
  expect(text).toContain("native/projects/-home-dev-shop/s-1.jsonl");
  expect(text).toContain('"cwd":"/home/dev/shop"');
});

test("the journal verifies again, and equal texts stay equal wherever they stand", () => {
  record("1\texport const aLineOfTheCart = 'of our own';");
  const to = path.join(root, "fixture");
  sanitise(to);
  const file = path.join(to, "native/projects/-home-dev-shop/s-1.jsonl");
  const records: Record<string, unknown>[] = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const [rebuilt] = rebuildRequests([records]);
  expect(rebuilt?.verified).toBe(true);
  expect(rebuilt?.record["requestDigest"]).not.toBe(bodyDigest(body, BETAS));
  const table = JSON.parse(readFileSync(path.join(to, "requests.json"), "utf8"));
  expect(table.requests[0].digest).toBe(rebuilt?.record["requestDigest"]);
  const reminder = table.messages[0].content[0].text;
  expect(reminder).toMatch(/^<system-reminder>\nNeutral text [0-9a-f]{8}\.\n<\/system-reminder>$/);
  expect(records[1]?.["rendered"]).toEqual([{ content: reminder }]);
});

test("the same recording gives the same bytes", () => {
  record("1\texport const aLineOfTheCart = 'of our own';");
  const folders = ["one", "two"].map((name) => path.join(root, name));
  for (const folder of folders) sanitise(folder);
  const [one, two] = folders.map(textOf);
  expect(one).toBe(two);
});

test("prose in a tool's result that nobody can account for is refused, with its place", () => {
  record("CLIENT adds a long sentence to what a tool has said here.");
  const { code, stderr } = sanitise(path.join(root, "fixture"));
  expect(code).toBe(1);
  expect(stderr).toContain("user.message.content[].content: CLIENT adds a long sentence");
});

test("a recording whose journal does not verify is refused", () => {
  record("ok");
  const name = `native/.claude/projects/${SLUG}/s-1.jsonl`;
  const text = readFileSync(path.join(recording, name), "utf8");
  put(name, text.replaceAll("CLIENT path", "CLIENT road"));
  const { code, stderr } = sanitise(path.join(root, "fixture"));
  expect(code).not.toBe(0);
  expect(stderr).toContain("belongs to no message");
});

test("the script says how it is called", () => {
  const script = new URL("../support/sanitise.mjs", import.meta.url).pathname;
  expect(() => execFileSync(process.execPath, [script], { stdio: "pipe" })).toThrow(/usage: node/);
});
