import { execFileSync } from "node:child_process";
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OtError } from "../../capture/base/errors.ts";
import { quietOp } from "../../capture/base/op.ts";
import { readTrace } from "../../capture/bucket/read-unit.ts";
import type { Ingest } from "../../capture/ingest/ingest.ts";
import type { ImportAnswer } from "../../capture/model/answers.ts";
import { textHead } from "../../capture/model/text.ts";
import { asNobody } from "../support/as-nobody.ts";
import { fillDisk } from "../support/full-disk.ts";
import { makeToyHome, toyLine, toySession, unitContent } from "../support/toy-home.ts";

const op = quietOp();
const everything = { paths: [] };

function rules(answer: ImportAnswer): string[] {
  return answer.issues.map(({ rule, line }) => `${rule}@${line}`);
}

async function texts(ingest: Ingest): Promise<string[]> {
  const trace = await readTrace(ingest.catalog.find("session-1"));
  return trace.main.steps.map(({ text }) => textHead(text));
}

test("A missing transcript folder is no error and no session", async () => {
  await using toy = await makeToyHome();
  await rm(toy.native, { recursive: true });
  await using ingest = await toy.openIngest();
  const answer = await ingest.importPaths(op, everything);
  expect(answer.sessions).toEqual([]);
  expect(answer.issues).toEqual([]);
});

test("A named path that does not exist is said to be missing", async () => {
  await using toy = await makeToyHome();
  await using ingest = await toy.openIngest();
  const importing = ingest.importPaths(op, { paths: [join(toy.dir, "no-such")] });
  await expect(importing).rejects.toMatchObject({ code: "not-found" });
});

test("An unreadable folder or file is an issue, and the rest goes on", () =>
  asNobody(async () => {
    await using toy = await makeToyHome();
    await writeFile(join(toy.native, "session-1.jsonl"), toySession());
    await writeFile(join(toy.native, "session-2.jsonl"), toySession(), { mode: 0o000 });
    await mkdir(join(toy.native, "closed"), { mode: 0o000 });
    await using ingest = await toy.openIngest();
    const answer = await ingest.importPaths(op, everything);
    expect(rules(answer)).toEqual(["file-unreadable@0", "file-unreadable@0"]);
    expect(await texts(ingest)).toHaveLength(4);
    await chmod(join(toy.native, "closed"), 0o700);
  }));

test("A device or a pipe behind a link is an issue, never read nor waited for", async () => {
  // Windows has neither.
  if (process.platform === "win32") return;
  await using toy = await makeToyHome();
  await writeFile(join(toy.native, "session-1.jsonl"), toySession());
  await symlink("/dev/zero", join(toy.native, "session-2.jsonl"));
  execFileSync("mkfifo", [join(toy.dir, "pipe")]);
  await symlink(join(toy.dir, "pipe"), join(toy.native, "session-3.jsonl"));
  await using ingest = await toy.openIngest();
  const answer = await ingest.importPaths(op, everything);
  expect(rules(answer)).toEqual(["file-unreadable@0", "file-unreadable@0"]);
  expect(await texts(ingest)).toHaveLength(4);
  const named = await ingest.importPaths(op, { paths: [join(toy.dir, "pipe")] });
  expect(named.sessions).toEqual([]);
});

test("An unreadable session is no session yet, and whole once it can be read", () =>
  asNobody(async () => {
    await using toy = await makeToyHome();
    const path = join(toy.native, "session-1.jsonl");
    await writeFile(path, toySession(), { mode: 0o000 });
    await using ingest = await toy.openIngest();
    const first = await ingest.importPaths(op, everything);
    expect(rules(first)).toEqual(["file-unreadable@0"]);
    expect(first.sessions).toEqual([]);
    expect(ingest.catalog.list({ limit: 9 }).traces).toEqual([]);
    expect(await readdir(toy.home.sessionsDir).catch(() => [])).toEqual([]);
    await chmod(path, 0o600);
    const second = await ingest.importPaths(op, everything);
    expect(second.sessions).toMatchObject([{ steps: 4, isNew: true }]);
    expect(rules(second)).toEqual([]);
  }));

test("A transcript without a whole line makes no session until it has one", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  const whole = toySession();
  await writeFile(path, "");
  await using ingest = await toy.openIngest();
  expect(await ingest.importPaths(op, everything)).toMatchObject({ sessions: [], issues: [] });
  await writeFile(path, whole.slice(0, 20));
  const half = await ingest.importPaths(op, everything);
  expect(half.sessions).toEqual([]);
  expect(rules(half)).toEqual(["line-torn@1"]);
  expect(await ingest.catchUp(op, path)).toBe(false);
  await appendFile(path, whole.slice(20));
  const last = await ingest.importPaths(op, everything);
  expect(last.sessions).toMatchObject([{ steps: 4, isNew: true }]);
});

test("A link that leads to itself or to nothing is an issue, and the rest goes on", async () => {
  await using toy = await makeToyHome();
  await writeFile(join(toy.native, "session-1.jsonl"), toySession());
  await symlink("session-2.jsonl", join(toy.native, "session-2.jsonl"));
  await symlink("nowhere", join(toy.native, "session-3.jsonl"));
  await using ingest = await toy.openIngest();
  const answer = await ingest.importPaths(op, everything);
  expect(rules(answer).length).toBeGreaterThan(0);
  expect(await texts(ingest)).toHaveLength(4);
  const named = await ingest.importPaths(op, { paths: [toy.native] });
  expect(named.issues.every(({ rule }) => rule.startsWith("file-"))).toBe(true);
});

test("A sessions folder that cannot be written to is said to be read-only", () =>
  asNobody(async () => {
    await using toy = await makeToyHome();
    await using ingest = await toy.openIngest();
    await mkdir(toy.home.sessionsDir, { recursive: true });
    await chmod(toy.home.sessionsDir, 0o500);
    await writeFile(join(toy.native, "session-1.jsonl"), toySession());
    const importing = ingest.importPaths(op, everything);
    await expect(importing).rejects.toMatchObject({ code: "home-read-only" });
    await chmod(toy.home.sessionsDir, 0o700);
    expect((await ingest.importPaths(op, everything)).sessions).toHaveLength(1);
  }));

test("A file that is gone keeps what was read of it, and says so", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  await writeFile(path, toySession());
  await using ingest = await toy.openIngest();
  await ingest.importPaths(op, { paths: [path] });
  const { dir } = ingest.catalog.find("session-1");
  const before = await unitContent(dir);
  await rm(path);
  expect((await ingest.importPaths(op, everything)).sessions).toEqual([]);
  expect(await unitContent(dir)).toEqual(before);
  expect(await texts(ingest)).toHaveLength(4);
});

test("Half a line waits until the rest of it comes", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  const whole = toySession();
  await writeFile(path, whole.slice(0, -20));
  await using ingest = await toy.openIngest();
  const first = await ingest.importPaths(op, everything);
  expect(rules(first)).toEqual(["line-torn@4"]);
  expect(first.sessions[0]?.steps).toBe(3);
  await appendFile(path, whole.slice(-20));
  const second = await ingest.importPaths(op, everything);
  expect(rules(second)).toEqual([]);
  expect(second.sessions[0]?.steps).toBe(4);
});

test("Two objects on one line are both read, and the line is kept as it was", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  const glued = '{"say":"first } {"}{"say":"second"}';
  await writeFile(path, `${toySession()}${glued}\n`);
  await using ingest = await toy.openIngest();
  const answer = await ingest.importPaths(op, everything);
  expect(rules(answer)).toEqual(["line-glued@5"]);
  expect((await texts(ingest)).slice(-2)).toEqual(["first } {", "second"]);
  const { dir } = ingest.catalog.find("session-1");
  const source = (await readFile(join(dir, "source.jsonl"), "utf8")).split("\n");
  const wrapped = JSON.parse(source[4] ?? "") as { opentraces: string; base64: string };
  expect(wrapped.opentraces).toBe("undecodable");
  expect(Buffer.from(wrapped.base64, "base64").toString()).toBe(glued);
});

test("NUL bytes, broken UTF-8 and lines that are no JSON are kept and reported", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  const bad = [
    Buffer.from(`\0\0\0${toyLine({ say: "after a crash" })}`),
    Buffer.concat([Buffer.from('{"say":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}\n')]),
    Buffer.from("not json\n"),
    Buffer.from('["an array"]\n'),
    Buffer.from("\n"),
    Buffer.from("\0\0\0\n"),
    Buffer.from(`\uFEFF${toyLine({ say: "with a mark" })}`),
    Buffer.from(`${JSON.stringify({ say: "windows" })}\r\n`),
  ];
  await writeFile(path, Buffer.concat([Buffer.from(toySession()), ...bad]));
  await using ingest = await toy.openIngest();
  const answer = await ingest.importPaths(op, everything);
  expect(rules(answer)).toEqual([
    "line-has-nul@5",
    "line-not-utf8@6",
    "line-not-json@7",
    "line-not-json@8",
    "line-has-nul@10",
  ]);
  expect((await texts(ingest)).slice(4)).toEqual(["after a crash", "with a mark", "windows"]);
  expect((await ingest.importPaths(op, everything)).totals.bytes).toBe(0);
});

test("A line of 50 MB is kept whole, its long string in a blob", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  const long = `start "${"long text\\ \u00e9 \n".repeat(3_500_000)}`;
  await writeFile(path, `${toySession()}${toyLine({ say: long })}${toyLine({ say: "after" })}`);
  await using ingest = await toy.openIngest();
  const answer = await ingest.importPaths(op, everything);
  expect(answer.issues).toEqual([]);
  const { dir } = ingest.catalog.find("session-1");
  const trace = await readTrace(ingest.catalog.find("session-1"));
  const text = trace.main.steps[4]?.text;
  expect(text).toMatchObject({ bytes: Buffer.byteLength(long), head: long.slice(0, 2000) });
  expect(await texts(ingest)).toHaveLength(6);
  expect((await stat(join(dir, "source.jsonl"))).size).toBe((await stat(path)).size);
}, 60_000);

test("A line over the limit leaves a mark in its place, and the rest goes on", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  await writeFile(path, toySession());
  await truncate(path, 80 * 1024 * 1024);
  await appendFile(path, `\n${toyLine({ say: "after" })}`);
  await using ingest = await toy.openIngest();
  const answer = await ingest.importPaths(op, everything);
  expect(rules(answer)).toEqual(["line-over-limit@5"]);
  expect((await texts(ingest)).at(-1)).toBe("after");
  expect((await ingest.importPaths(op, everything)).totals.bytes).toBe(0);
}, 60_000);

test("A file replaced by a shorter one starts a new generation and repeats nothing", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  const lines = toySession().split(/(?<=\n)/);
  await writeFile(path, lines.join(""));
  await using ingest = await toy.openIngest();
  await ingest.importPaths(op, everything);
  await writeFile(path, `${lines.slice(0, 2).join("")}${toyLine({ say: "another way" })}`);
  const answer = await ingest.importPaths(op, everything);
  expect(rules(answer)).toEqual(["file-replaced@5"]);
  expect(await texts(ingest)).toEqual(["Please fix the rounding", "", "", "done", "another way"]);
  await writeFile(path, toyLine({ say: "all new" }));
  expect(rules(await ingest.importPaths(op, everything))).toEqual(["file-replaced@6"]);
  expect((await texts(ingest)).at(-1)).toBe("all new");
  expect(rules(await ingest.importPaths(op, everything))).toEqual([]);
});

test("A file cut to what is already known adds nothing, then grows on from there", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  const lines = toySession().split(/(?<=\n)/);
  await writeFile(path, lines.join(""));
  await using ingest = await toy.openIngest();
  await ingest.importPaths(op, everything);
  await writeFile(path, lines.slice(0, 2).join(""));
  expect(rules(await ingest.importPaths(op, everything))).toEqual(["file-replaced@0"]);
  expect(await texts(ingest)).toHaveLength(4);
  await appendFile(path, toyLine({ say: "on" }));
  await ingest.importPaths(op, everything);
  expect((await texts(ingest)).at(-1)).toBe("on");
});

test("An older copy from elsewhere changes nothing", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  await writeFile(path, toySession());
  await using ingest = await toy.openIngest();
  await ingest.importPaths(op, everything);
  const { dir } = ingest.catalog.find("session-1");
  const before = await unitContent(dir);
  const copy = join(toy.native, "older", "session-1.jsonl");
  await mkdir(join(toy.native, "older"));
  await writeFile(
    copy,
    toySession()
      .split(/(?<=\n)/)
      .slice(0, 2)
      .join(""),
  );
  expect(rules(await ingest.importPaths(op, { paths: [copy] }))).toEqual([]);
  expect(rules(await ingest.importPaths(op, { paths: [path] }))).toEqual([]);
  expect(await unitContent(dir)).toEqual(before);
});

test("A home that cannot be written says so before anything is read", () =>
  asNobody(async () => {
    await using toy = await makeToyHome();
    await mkdir(toy.home.root, { mode: 0o500 });
    const opening = toy.openIngest();
    await expect(opening).rejects.toBeInstanceOf(OtError);
    await expect(opening).rejects.toMatchObject({ code: "home-read-only" });
  }));

test("On a full disk an import says so, loses nothing, and goes on with room", async () => {
  await using toy = await makeToyHome();
  await writeFile(join(toy.native, "session-1.jsonl"), toySession());
  await using ingest = await toy.openIngest();
  // The disk fills up in the source, between source and map, and in each of the folds.
  for (const room of [0, 200, 480, 600, 900, 1_500, 2_500]) {
    using _full = fillDisk(room);
    await expect(ingest.importPaths(op, everything)).rejects.toMatchObject({ code: "disk-full" });
  }
  await ingest.importPaths(op, everything);
  const place = ingest.catalog.find("session-1");
  expect(await texts(ingest)).toEqual(["Please fix the rounding", "", "", "done"]);
  const whole = await readFile(join(toy.native, "session-1.jsonl"), "utf8");
  expect(await readFile(join(place.dir, "source.jsonl"), "utf8")).toBe(whole);
  const { dir } = place;
  expect((await readFile(join(dir, "source.map"), "utf8")).trimEnd().split("\n")).toHaveLength(4);
});

test("Two engines and an import at once leave what one of them alone would have", async () => {
  await using toy = await makeToyHome();
  const path = join(toy.native, "session-1.jsonl");
  await writeFile(path, "");
  await using one = await toy.openIngest();
  await using two = await toy.openIngest();
  const lines = toySession().split(/(?<=\n)/);
  for (const line of [...lines, ...lines]) {
    await appendFile(path, line);
    await Promise.all([one, two].map((ingest) => ingest.importPaths(op, everything)));
  }
  expect(await texts(one)).toHaveLength(8);
  const { dir } = one.catalog.find("session-1");
  expect(await readFile(join(dir, "source.jsonl"), "utf8")).toBe(await readFile(path, "utf8"));
  expect((await readFile(join(dir, "source.map"), "utf8")).trimEnd().split("\n")).toHaveLength(8);
}, 30_000);
