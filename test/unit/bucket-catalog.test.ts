import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { quietOp } from "../../capture/base/op.ts";
import { Catalog } from "../../capture/bucket/index/catalog.ts";
import { sessionFileName } from "../../capture/bucket/unit-paths.ts";
import { listUnits } from "../../capture/bucket/units.ts";
import type { TraceSummary } from "../../capture/model/answers.ts";
import { makeToyHome, type ToyHome, toyLine } from "../support/toy-home.ts";

const everything = { limit: 100 };

async function withSessions(toy: ToyHome, ids: readonly string[]): Promise<void> {
  for (const [at, id] of ids.entries()) {
    const line = {
      uuid: id,
      timestamp: `2026-01-0${at + 1}T00:00:00.000Z`,
      cwd: `/work-${at}`,
      say: `ask ${id}`,
    };
    await writeFile(join(toy.native, `${id}.jsonl`), toyLine(line));
  }
  await using ingest = await toy.openIngest();
  await ingest.importPaths(quietOp(), { paths: [] });
}

async function listed(toy: ToyHome): Promise<readonly TraceSummary[]> {
  using catalog = await Catalog.open(toy.home);
  await catalog.refresh();
  return catalog.list(everything).traces;
}

test("Sessions are listed by latest activity; a limit and a time cut the list", async () => {
  await using toy = await makeToyHome();
  await withSessions(toy, ["aaaaaa-1", "aaaaaa-2", "bbbbbb-3"]);
  using catalog = await Catalog.open(toy.home);
  await catalog.refresh();
  const ids = (answer: { traces: readonly TraceSummary[] }): string[] =>
    answer.traces.map(({ title }) => title);
  expect(ids(catalog.list(everything))).toEqual(["ask bbbbbb-3", "ask aaaaaa-2", "ask aaaaaa-1"]);
  expect(catalog.list({ limit: 2 })).toMatchObject({ more: true, traces: [{}, {}] });
  const since = catalog.list({ limit: 9, sinceMs: Date.UTC(2026, 0, 2) });
  expect(ids(since)).toEqual(["ask bbbbbb-3", "ask aaaaaa-2"]);
  const inFolder = catalog.list({ limit: 9, repository: { roots: ["/work-0"], rootCommits: [] } });
  expect(ids(inFolder)).toEqual(["ask aaaaaa-1"]);
});

test("A deleted, damaged or outdated catalog is made again to the same answers", async () => {
  await using toy = await makeToyHome();
  await withSessions(toy, ["aaaaaa-1", "aaaaaa-2"]);
  const before = await listed(toy);
  expect(before).toHaveLength(2);
  await rm(toy.home.indexDir, { recursive: true });
  expect(await listed(toy)).toEqual(before);
  await writeFile(toy.home.catalogFile, "not a database");
  expect(await listed(toy)).toEqual(before);
  await rm(join(toy.home.sessionsDir, "terminal", "2026-01", "aaaaaa-1"), { recursive: true });
  expect((await listed(toy)).map(({ id }) => id)).toEqual(["terminal:aaaaaa-2"]);
});

test("A session is named by its id, or by a prefix that only it has", async () => {
  await using toy = await makeToyHome();
  await withSessions(toy, ["aaaaaa-1", "aaaaaa-12", "bbbbbb-3"]);
  using catalog = await Catalog.open(toy.home);
  await catalog.refresh();
  expect(catalog.find("bbbbbb").trace).toBe("terminal:bbbbbb-3");
  expect(catalog.find("terminal:bbbbbb-3").trace).toBe("terminal:bbbbbb-3");
  expect(catalog.find("aaaaaa-1").trace).toBe("terminal:aaaaaa-1");
  const thrown = (id: string): unknown => {
    try {
      return catalog.find(id);
    } catch (error) {
      return error;
    }
  };
  expect(thrown("aaaaaa")).toMatchObject({
    code: "ambiguous-trace",
    candidates: ["terminal:aaaaaa-1", "terminal:aaaaaa-12"],
  });
  expect(thrown("aaa")).toMatchObject({ code: "usage" });
  expect(thrown("cccccc")).toMatchObject({ code: "not-found" });
  expect(thrown("codex:bbbbbb-3")).toMatchObject({ code: "not-found" });
});

test("Changes that follow each other fast are saved once, and at the end", async () => {
  await using toy = await makeToyHome();
  await withSessions(toy, ["aaaaaa-1"]);
  await rm(toy.home.catalogFile);
  const stamp = async () => (await stat(toy.home.catalogFile).catch(() => null))?.ino ?? null;
  {
    using catalog = await Catalog.open(toy.home);
    await catalog.refresh();
    const first = await stamp();
    expect(first).not.toBe(null);
    await grow(toy, "aaaaaa-1");
    await catalog.refresh();
    expect(catalog.list(everything).traces).toMatchObject([{ steps: 2 }]);
    expect(await stamp()).toBe(first);
  }
  using saved = await Catalog.open(toy.home);
  expect(saved.list(everything).traces).toMatchObject([{ steps: 2 }]);
});

test("A catalog that was checked a moment ago is not checked again unless stale", async () => {
  await using toy = await makeToyHome();
  await withSessions(toy, ["aaaaaa-1"]);
  using catalog = await Catalog.open(toy.home);
  await catalog.refresh();
  await grow(toy, "aaaaaa-1");
  await catalog.refresh({ maxAgeMs: 60_000 });
  expect(catalog.list(everything).traces).toMatchObject([{ steps: 1 }]);
  catalog.markStale();
  await catalog.refresh({ maxAgeMs: 60_000 });
  expect(catalog.list(everything).traces).toMatchObject([{ steps: 2 }]);
});

/** One more step, put into the unit's session file as an ingest would. */
async function grow(toy: ToyHome, id: string): Promise<void> {
  const unit = (await listUnits(toy.home)).find(({ nativeId }) => nativeId === id);
  const file = join(unit?.dir ?? "", sessionFileName);
  const session = JSON.parse(await readFile(file, "utf8"));
  session.counts.steps += 1;
  await writeFile(file, `${JSON.stringify(session)} `);
}
