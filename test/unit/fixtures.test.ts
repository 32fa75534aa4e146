import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createRepository,
  fixtureNames,
  type Fixture,
  placeFixture,
  readFixture,
  RECORDED_CONFIG,
  RECORDED_REPOSITORY,
  recordedGit,
} from "../support/fixture.mjs";
import { replay } from "../support/replay.mjs";
import { rebuildRequests } from "../support/sanitise-journal.mjs";
import { isClientPlace, kindOf, mapTexts } from "../support/sanitise-places.mjs";
import { expandSecrets, PLANTED_SECRETS } from "../support/sanitise-secrets.mjs";
import { isFormat, isOwn, isProse, isToken, textSegments } from "../support/sanitise-text.mjs";

const FIXTURES = new URL("../fixtures/", import.meta.url).pathname;
const BYTES_MAX = 2 * 1024 * 1024;
const NEUTRAL_LINE = /^\s*(- ([\w:-]{1,40}: )?|[*#]+ )?Neutral text [0-9a-f]{8}\.$/;

type Texts = readonly { readonly place: string; readonly text: string }[];

/** Every string of a stored fixture, with the kind of place it stands in. */
function textsOf(fixture: Fixture): Texts {
  const found: { place: string; text: string }[] = [];
  const collect = (value: unknown, place: string) =>
    mapTexts(value, place, (text, at) => {
      found.push({ place: at, text });
      return text;
    });
  for (const { path, records, text } of fixture.files) {
    for (const record of records) collect(record, kindOf(record));
    if (path.endsWith(".txt")) collect(text, "file");
    if (path.endsWith(".json")) collect(JSON.parse(text), "meta");
  }
  for (const { payload } of fixture.hooks) collect(payload, kindOf(payload));
  for (const { body, response } of fixture.requests) {
    collect(body.system, "request.system");
    collect(body.tools, "request.tools");
    collect(response, "response");
    for (const message of body.messages) {
      const kind = message.role === "assistant" ? "assistant" : `request-${message.role}`;
      collect(message, `${kind}.message`);
    }
  }
  return found;
}

/** Trimmed lines that the user, the scripted model or the sample repository wrote. */
function ownLines(fixture: Fixture): Set<string> {
  const texts: string[] = [];
  const take = (text: string) => {
    texts.push(text);
    return text;
  };
  for (const { response } of fixture.requests) mapTexts(response.blocks ?? [], "", take);
  for (const prompt of fixture.prompts) texts.push(prompt, prompt.replace(/^\/\S+ /, ""));
  for (const name of ["before", "after"]) {
    texts.push(readFileSync(join(fixture.folder, `repo-${name}.fi`), "utf8"));
  }
  const lines = texts.flatMap((text) => expandSecrets(text).split("\n"));
  return new Set(lines.map((line) => line.trim()));
}

/** The segments that are neither ours nor neutral nor a known form. */
function foreignTexts(texts: Texts, own: ReadonlySet<string>): string[] {
  return texts.flatMap(({ place, text }) => {
    const segments = textSegments(text).filter((segment) => segment.trim() !== "");
    const foreign = segments.filter((segment) => {
      const bare = segment.trim();
      if (isFormat(bare) || isOwn(segment, own) || NEUTRAL_LINE.test(segment)) return false;
      return isClientPlace(place) ? !isToken(bare) : isProse(segment);
    });
    return foreign.map((segment) => `${place}: ${segment}`);
  });
}

function storedFiles(): string[] {
  const names = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" });
  return names.map((name) => join(FIXTURES, name)).filter((file) => statSync(file).isFile());
}

describe.each(fixtureNames())("the fixture %s", (name) => {
  test("holds no text but ours, neutral ones, tokens and known formats", () => {
    const fixture = readFixture(name);
    expect(foreignTexts(textsOf(fixture), ownLines(fixture))).toEqual([]);
  });

  test("has a manifest that fits its files", () => {
    const { folder } = readFixture(name);
    const manifest = JSON.parse(readFileSync(join(folder, "MANIFEST.json"), "utf8"));
    for (const { file, bytes, lines, sha256 } of manifest.sessions) {
      const stored = readFileSync(join(folder, file));
      const found = {
        bytes: stored.length,
        lines: stored.toString("utf8").split("\n").length - 1,
        sha256: createHash("sha256").update(stored).digest("hex"),
      };
      expect(found).toEqual({ bytes, lines, sha256 });
    }
  });

  test("has a journal that verifies and that the ground truth confirms", () => {
    const fixture = readFixture(name);
    const rebuilt = rebuildRequests(fixture.files.map((file) => file.records));
    expect(rebuilt.filter((request) => !request.verified)).toEqual([]);
    const recorded = new Set(rebuilt.map(({ record }) => record["requestDigest"]));
    const missing = fixture.requests.filter(({ digest }) => !recorded.has(digest));
    // The older client keeps no journal, and no client journals a compaction.
    const expected = name.endsWith("2.1.197") ? ["main"] : ["compact"];
    for (const { queue } of missing) expect(expected).toContain(queue);
    expect(rebuilt.length + missing.length).toBeGreaterThanOrEqual(fixture.requests.length);
  });

  test("orders every call as it happened", () => {
    const { schedule } = readFixture(name);
    const positions = (id: string) => ({
      pre: schedule.findIndex(
        (item) =>
          item.kind === "hook" &&
          item.payload.hook_event_name === "PreToolUse" &&
          item.payload.tool_use_id === id,
      ),
      edit: schedule.findIndex((item) => item.kind === "edit" && item.toolUseId === id),
      post: schedule.findIndex(
        (item) =>
          item.kind === "hook" &&
          item.payload.hook_event_name.startsWith("PostToolUse") &&
          item.payload.tool_use_id === id,
      ),
      result: schedule.findIndex(
        (item) => item.kind === "line" && item.text.includes(`"tool_use_id":"${id}"`),
      ),
    });
    const ids = new Set<string>();
    for (const item of schedule) {
      if (item.kind === "hook" && item.payload.hook_event_name === "PostToolUse") {
        ids.add(item.payload.tool_use_id ?? "");
      }
    }
    expect(ids.size).toBeGreaterThan(0);
    for (const id of ids) {
      const { pre, edit, post, result } = positions(id);
      expect(pre).toBeGreaterThanOrEqual(0);
      if (edit >= 0) expect([pre, edit]).toEqual([pre, post - 1]);
      expect(post).toBeGreaterThan(pre);
      expect(result).toBeGreaterThan(post);
    }
  });
});

describe("a placed fixture", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ot-fixture-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test.each(fixtureNames())("replays %s to the recorded files, tree and commits", async (name) => {
    const { fixture, repository, configFolder } = placeFixture(name, root);
    await replay(fixture.schedule, { repository, configFolder, hooks: null });
    for (const { path, text } of fixture.files) {
      expect(readFileSync(join(configFolder, path), "utf8")).toBe(text);
    }
    const after = join(root, "after");
    createRepository(fixture, after, "after");
    expect(recordedGit(repository, ["rev-parse", "main"])).toBe(
      recordedGit(after, ["rev-parse", "main"]),
    );
    recordedGit(repository, ["add", "-A"]);
    const refs = recordedGit(after, ["for-each-ref", "--format=%(refname)"]).split("\n");
    const end = refs.find((ref) => ref === "refs/worktree-after") ?? "main";
    expect(recordedGit(repository, ["write-tree"])).toBe(
      recordedGit(after, ["rev-parse", `${end}^{tree}`]),
    );
  });

  test("names its own folders everywhere, and its hashes verify there", () => {
    const { fixture, repository } = placeFixture("simple-fix", root);
    const all = JSON.stringify([
      fixture.files,
      fixture.requests,
      fixture.hooks.map((h) => h.payload),
    ]);
    expect(all).not.toContain(RECORDED_REPOSITORY);
    expect(all).not.toContain(RECORDED_CONFIG);
    expect(all).not.toContain("@@SECRET");
    expect(all).toContain(repository);
    for (const secret of PLANTED_SECRETS.values()) expect(all).toContain(secret);
    const rebuilt = rebuildRequests(fixture.files.map((file) => file.records));
    expect(rebuilt.map(({ verified }) => verified)).toEqual(Array<boolean>(10).fill(true));
  });
});

describe("the stored fixtures", () => {
  test("are small", () => {
    const bytes = storedFiles().reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThan(BYTES_MAX);
  });

  test("hold no planted secret as a whole and no trace of the recording machine", () => {
    for (const file of storedFiles()) {
      const text = readFileSync(file, "latin1");
      for (const secret of PLANTED_SECRETS.values()) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/\/lab\/|-lab-|fc-v\d|127\.0\.0\.1:\d{4}/);
    }
  });

  test("are refused when a text of the client stands in one", () => {
    const own = ownLines(readFixture("simple-fix"));
    const planted = "Prefer small tools, and say what you are about to do before you do it.";
    const check = (place: string, text: string) => foreignTexts([{ place, text }], own);
    expect(check("request.system[].text", planted)).toHaveLength(1);
    expect(check("request.tools[].description", "Reads a file.")).toHaveLength(1);
    expect(check("user.message.content", `<system-reminder>\n${planted}`)).toHaveLength(1);
    expect(check("user.message.content[].content", `1\tshop\n${planted}`)).toHaveLength(1);
    expect(check("user.message.content[].content", "7\ttest('count', () => {")).toHaveLength(0);
  });
});
