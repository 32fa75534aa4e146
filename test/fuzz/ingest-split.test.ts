import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { Ingest } from "../../capture/ingest/ingest.ts";
import { toyAdapter } from "../support/toy-adapter.ts";
import { makeToyHome, type ToyHome, toyLine, unitContent } from "../support/toy-home.ts";

const op = quietOp();
const path = fc.constantFrom("a.js", "b/c.ts");
const content = fc.option(
  fc.string({ maxLength: 20 }).map((text) => `${text}\nend\n`),
  { nil: null },
);

/** Lines as agents and crashes write them. */
const line = fc.oneof(
  fc.record({ say: fc.string({ unit: "grapheme" }), uuid: fc.uuid() }).map(toyLine),
  fc.record({ edit: fc.record({ path, before: content, after: content }) }).map(toyLine),
  fc.record({ cwd: fc.constant("/nowhere/shop"), count: fc.constant(1) }).map(toyLine),
  fc.integer({ min: 5_400, max: 20_000 }).map((size) => toyLine({ say: "é".repeat(size) })),
  fc.constant(
    toyLine({
      say: `key ghp_${"aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI3kM5"}`,
    }),
  ),
  fc.constantFrom("broken\n", '{"say":1}{"say":2}\n', "\0\0{}\n", "\n", "{\r\n"),
);

async function openAt(toy: ToyHome, name: string): Promise<Ingest> {
  const home = homeAt(join(toy.dir, name));
  const environment = { home: toy.dir, env: {} };
  return Ingest.open({
    home,
    adapters: [toyAdapter(toy.native)],
    environment,
    consentOf: () => "on",
  });
}

test("Ingest in pieces, with or without restarts, gives the bytes of one ingest", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 12 }),
      fc.array(
        fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), restart: fc.boolean() }),
        { maxLength: 5 },
      ),
      async (lines, cuts) => {
        await using toy = await makeToyHome();
        const native = join(toy.native, "session-1.jsonl");
        const bytes = Buffer.from(lines.join(""));
        await writeFile(native, "");
        let ingest = await openAt(toy, "parts");
        const key = await readFile(join(toy.dir, "parts", "key"));
        let done = 0;
        for (const cut of [...cuts.toSorted((a, b) => a.at - b.at), { at: 1, restart: true }]) {
          const end = Math.max(done, Math.floor(cut.at * bytes.length));
          await appendFile(native, bytes.subarray(done, end));
          done = end;
          await ingest.importPaths(op, { paths: [] });
          if (!cut.restart) continue;
          await ingest[Symbol.asyncDispose]();
          ingest = await openAt(toy, "parts");
        }
        const parts = ingest.catalog.find("session-1").dir;
        await ingest[Symbol.asyncDispose]();

        await using whole = await wholeIngest(toy, key);
        await whole.importPaths(op, { paths: [] });
        const { dir } = whole.catalog.find("session-1");
        expect(await unitContent(parts)).toEqual(await unitContent(dir));
        const before = await unitContent(dir);
        const again = await whole.importPaths(op, { paths: [] });
        expect(again.totals.bytes).toBe(0);
        expect(await unitContent(dir)).toEqual(before);
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

test("Folds that are lost are made again, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (lines) => {
      await using toy = await makeToyHome();
      await writeFile(join(toy.native, "session-1.jsonl"), lines.join(""));
      await using ingest = await openAt(toy, "home");
      await ingest.importPaths(op, { paths: [] });
      const { dir } = ingest.catalog.find("session-1");
      const before = await unitContent(dir);
      const session = await readFile(join(dir, "session.json"), "utf8");
      await writeFile(join(dir, "trace.jsonl"), "");
      await writeFile(join(dir, "session.json"), "{");
      await appendFile(join(dir, "source.jsonl"), '{"torn');
      await ingest.importPaths(op, { paths: [] });
      expect(await unitContent(dir)).toEqual(before);
      expect(await readFile(join(dir, "session.json"), "utf8")).toBe(session);
    }),
    { numRuns: 25 },
  );
}, 60_000);

/** The keyed hashes are equal only under one key. */
async function wholeIngest(toy: ToyHome, key: Buffer): Promise<Ingest> {
  await cp(join(toy.dir, "parts", "key"), join(toy.dir, "whole", "key"), { recursive: true });
  expect(key).toHaveLength(32);
  return openAt(toy, "whole");
}
