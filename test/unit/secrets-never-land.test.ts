import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

import { expect, test } from "vitest";

import { fixtureNames } from "../support/fixture.mjs";
import { LiveLab } from "../support/live-lab.ts";
import { PLANTED_SECRETS } from "../support/sanitise-secrets.mjs";

// The recorded sessions with their secrets in place, through everything that writes: not one of
// them is in any file of the home, or in anything a verb prints.

const slowMs = 180_000;

/** What a secret looks like in bytes, by how it is written down. */
function spellings(secret: string): Map<string, string> {
  const bytes = Buffer.from(secret);
  const found = new Map([
    ["plain", secret],
    ["json", JSON.stringify(secret).slice(1, -1)],
    ["json with escaped slashes", secret.replaceAll("/", "\\/")],
    ["hex", bytes.toString("hex")],
    ["upper-case hex", bytes.toString("hex").toUpperCase()],
    ["url", encodeURIComponent(secret)],
  ]);
  // Base64 of a text that it stands in: three ways, by how many bytes come before it.
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    for (const kind of ["base64", "base64url"] as const) {
      // Characters at both ends also tell of the neighbours, so they are left out.
      const whole = padded
        .toString(kind)
        .replace(/=+$/, "")
        .slice(before === 0 ? 0 : before + 1);
      found.set(`${kind}, ${before} before`, whole.slice(0, -1));
    }
  }
  return found;
}

const forbidden = [...PLANTED_SECRETS].flatMap(([name, secret]) =>
  [...spellings(secret)].map(([how, text]) => ({ what: `${name} (${how})`, text })),
);

/** What of the forbidden is in these bytes. */
function secretsIn(bytes: Buffer): string[] {
  return forbidden.filter(({ text }) => bytes.includes(text)).map(({ what }) => what);
}

/** Every file below a folder: its bytes, and a blob's content as well. */
function* contents(folder: string): Generator<{ file: string; bytes: Buffer }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    yield { file, bytes };
    if (/\/blobs\/[0-9a-f]{2}\/[0-9a-f]{62}$/.test(file)) {
      yield { file: `${file} (content)`, bytes: blobContent(bytes) };
    }
  }
}

function blobContent(bytes: Buffer): Buffer {
  const body = bytes.subarray(1);
  if (bytes[0] === 1) return gunzipSync(body);
  return bytes[0] === 2 ? zstdDecompressSync(body) : body;
}

function leaksBelow(home: string): string[] {
  return [...contents(home)].flatMap(({ file, bytes }) =>
    secretsIn(bytes).map((what) => `${what} in ${path.relative(home, file)}`),
  );
}

/** Every verb that answers with something recorded, about every session there is. */
async function leaksInAnswers(lab: LiveLab): Promise<string[]> {
  const leaks: string[] = [];
  const say = async (...words: readonly string[]): Promise<string> => {
    const { out, err } = await lab.ot(...words);
    const found = secretsIn(Buffer.from(out + err));
    leaks.push(...found.map((what) => `${what} in \`ot ${words.join(" ")}\``));
    return out;
  };
  const listed = JSON.parse(await say("trace", "list", "--json"));
  expect(listed.traces.length).toBeGreaterThan(0);
  for (const { id } of listed.traces) {
    const shown = JSON.parse(await say("trace", "show", id, "--full", "--json"));
    expect(shown.steps.length).toBeGreaterThan(0);
    await say("trace", "show", id, "--full");
    await say("trail", "diff", id, "--json");
    await say("trail", "track", id, "--json");
  }
  for (const file of ["src/cart.js", ".env", "README.md"]) {
    await say("trail", "blame", file, "--json");
    await say("why", `${file}:1`, "--json");
  }
  await say("trail", "blame", "commit", "HEAD", "--json");
  await say("status", "--json");
  await say("doctor", "--json");
  return leaks;
}

test("the search finds a secret however it is written down", () => {
  for (const secret of PLANTED_SECRETS.values()) {
    const at = (before: string) => Buffer.from(`${before}KEY=${secret}\n`).toString("base64");
    const texts = [secret, JSON.stringify({ secret }), Buffer.from(secret).toString("hex")];
    for (const text of [...texts, at(""), at("x"), at("xy"), encodeURIComponent(secret)]) {
      expect(secretsIn(Buffer.from(text))).not.toEqual([]);
    }
  }
});

test("the search finds the secrets where they were recorded", async () => {
  await using lab = new LiveLab("simple-fix");
  lab.writeNative();
  expect(leaksBelow(lab.configFolder)).not.toEqual([]);
});

test.each(fixtureNames())(
  "%s: after an import, no planted secret is in any file of the home or any answer",
  async (name) => {
    await using lab = new LiveLab(name);
    lab.writeNative();
    const imported = await lab.ot("import", "--json");
    expect(imported.code).toBe(0);
    expect(secretsIn(Buffer.from(imported.out + imported.err))).toEqual([]);
    expect(leaksBelow(lab.home)).toEqual([]);
    expect(await leaksInAnswers(lab)).toEqual([]);
  },
  slowMs,
);

test.each(fixtureNames())(
  "%s: after live capture with hooks, none either",
  async (name) => {
    await using lab = new LiveLab(name);
    expect((await lab.ot("setup", "claude-code", "--yes", "--json")).code).toBe(0);
    await lab.startEngine();
    await lab.play();
    await lab.stopEngine();
    const drained = await lab.ot("capture", "--once", "--json");
    expect(drained.code).toBe(0);
    expect(secretsIn(Buffer.from(drained.out + drained.err))).toEqual([]);
    const events = [...contents(lab.home)].filter(({ file }) => file.endsWith("events.jsonl"));
    expect(String(events[0]?.bytes)).toContain('"r":"snapshot"');
    expect(readdirSync(path.join(lab.home, "spool")).filter((n) => n.endsWith(".json"))).toEqual(
      [],
    );
    expect(readFileSync(path.join(lab.home, "engine/log"), "utf8")).toContain("engine.started");
    expect(leaksBelow(lab.home)).toEqual([]);
    expect(await leaksInAnswers(lab)).toEqual([]);
  },
  slowMs,
);
