import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { builtInDetectors } from "../../capture/security/detectors/all.ts";
import { createGate } from "../../capture/security/gate-line.ts";
import { contexts, namedKinds, randomOf, shapedKinds } from "../support/secret-samples.ts";

/** `OT_FUZZ=20` looks twenty times as long, at inputs that are new each time. */
const scale = Number(process.env["OT_FUZZ"] ?? 1);
const seeded = scale === 1 ? { seed: 20_261_124 } : {};

const key = Buffer.alloc(32, 7);
const known = 'kn0wn "and" odd\\value';
const gate = createGate({ key, knownSecrets: [known] });
const closeLook = createGate({ key, knownSecrets: [known], usesPrefilter: false });

const kinds = [...shapedKinds, ...namedKinds];
const secret = fc
  .tuple(fc.constantFrom(...kinds), fc.nat(1_000_000), fc.constantFrom(...contexts))
  .map(([kind, seed, context]) => {
    const value = kind.make(randomOf(seed));
    return { value, text: context.write(value, kind.key ?? "setting") };
  });

const crumbs = [
  ...Array.from("=:>,;.'\"\\/@-_ \n\t[]{}()$<%\u001b\0é😀\ud800"),
  " is ",
  "value",
  "\\n",
  "\\u0041",
  "hunter2abc",
  "a1B2c3D4e5F6g7H8",
  "[[secret:token:0a1b2c]]",
  "-----BEGIN RSA PRIVATE KEY-----",
  "-----END RSA PRIVATE KEY-----",
  "MIIEpAIBAAKCAQEA0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL",
  "user:pass1word@host",
  "curl -u a:bcdef12",
  "12",
  known,
];
const anchors = builtInDetectors.flatMap((detector) => detector.anchors);
const crumb = fc.oneof(fc.constantFrom(...crumbs), fc.constantFrom(...anchors));
const text = fc.oneof(
  { weight: 3, arbitrary: fc.array(crumb, { maxLength: 40 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: secret.map((made) => made.text) },
);

/** A transcript-like value; some of its strings are JSON themselves, up to three levels deep. */
const value: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, true, 0, -1.5, 12_345_678),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom("password", "name", "token")), tie("value"), {
      maxKeys: 4,
    }),
    tie("value").map((inner) => JSON.stringify(inner)),
  ),
})).value;

const line = value.map((inner) => Buffer.from(JSON.stringify({ inner }), "utf8"));

/** The shape of a value: what is left when strings and the names of keys are taken out. */
function shapeOf(json: unknown): unknown {
  if (typeof json === "string") return "";
  if (Array.isArray(json)) return json.map(shapeOf);
  if (json === null || typeof json !== "object") return json;
  return Object.values(json).map(shapeOf);
}

test("a gated line still parses, and has the shape that it had", () => {
  fc.assert(
    fc.property(line, (raw) => {
      const { bytes, redactions } = gate.line(raw);
      expect(redactions === 0).toBe(bytes === raw);
      // Two keys that were secrets of one value may have become one.
      const before = JSON.parse(raw.toString("utf8")) as unknown;
      const after = JSON.parse(bytes.toString("utf8")) as unknown;
      if (Object.keys(before ?? {}).length === Object.keys(after ?? {}).length) {
        expect(countStrings(after)).toBeLessThanOrEqual(countStrings(before));
      }
      if (redactions === 0) expect(shapeOf(after)).toEqual(shapeOf(before));
    }),
    { numRuns: 1_500 * scale, ...seeded },
  );
});

function countStrings(json: unknown): number {
  if (typeof json === "string") return 1;
  if (json === null || typeof json !== "object") return 0;
  return Object.values(json).reduce((sum: number, inner) => sum + countStrings(inner), 0);
}

test("gating what is gated changes nothing", () => {
  fc.assert(
    fc.property(line, text, (raw, plain) => {
      const once = gate.line(raw).bytes;
      expect(gate.line(once).bytes).toBe(once);
      const bytes = gate.bytes(Buffer.from(plain)).bytes;
      expect(gate.bytes(bytes).bytes).toBe(bytes);
    }),
    { numRuns: 1_500 * scale, ...seeded },
  );
});

test("the cheap look lets nothing through that a close look finds", () => {
  fc.assert(
    fc.property(line, text, (raw, plain) => {
      expect(gate.line(raw).bytes.equals(closeLook.line(raw).bytes)).toBe(true);
      const bytes = Buffer.from(plain);
      expect(gate.raw(bytes).bytes.equals(closeLook.raw(bytes).bytes)).toBe(true);
    }),
    { numRuns: 1_500 * scale, ...seeded },
  );
});

test("lines stay lines, and every one that changed is named", () => {
  fc.assert(
    fc.property(text, (plain) => {
      const raw = Buffer.from(plain);
      const { bytes, lines } = gate.bytes(raw);
      const before = raw.toString("latin1").split("\n");
      const after = bytes.toString("latin1").split("\n");
      expect(after).toHaveLength(before.length);
      const changed = before.flatMap((was, index) => (was === after[index] ? [] : [index]));
      expect(lines.map((entry) => entry.index)).toEqual(changed);
    }),
    { numRuns: 1_500 * scale, ...seeded },
  );
});

test("a planted secret is in no encoding that transcripts use", () => {
  const nested = fc.nat(3);
  fc.assert(
    fc.property(secret, nested, fc.array(crumb, { maxLength: 6 }), (made, levels, around) => {
      let content = `${around.join("")}\n${made.text}\n${around.toReversed().join("")}`;
      for (let level = 0; level < levels; level += 1) content = JSON.stringify({ content });
      const { bytes } = gate.line(Buffer.from(JSON.stringify({ content })));
      // A secret without characters to escape reads the same at every level.
      if (JSON.stringify(made.value) !== `"${made.value}"`) return;
      expect(bytes.toString("latin1")).not.toContain(made.value);
    }),
    { numRuns: 3_000 * scale, ...seeded },
  );
});

test("any bytes are gated without complaint", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (raw) => {
      const bytes = Buffer.from(raw);
      gate.line(bytes);
      gate.raw(bytes);
    }),
    { numRuns: 1_000 * scale, ...seeded },
  );
});

describe("a text made to slow the gate down takes time in proportion to its length:", () => {
  const units = [
    ...anchors.filter((_, i) => i % 5 === 0).map((anchor) => `${anchor}a`),
    "pypi-",
    "MHcCAQEEI ",
    "pwd=a",
    "sk-proj--",
    "AGE-SECRET-KEY-1=a",
    "eyJ",
    "-eyJ",
    "PRIVATE KEY",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----\n",
    "key_key_",
    "\\",
    '\\"',
    "\\u0041",
    "a\0",
    "API_KEY=a1B2c3D4e5F6 ",
    "://a:",
    " -u a:bcd\n",
  ];
  const bytes = 96 * 1024;
  /** Many times what the slowest takes, and far less than anything quadratic would. */
  const allowedMs = 8_000;
  test.each(units)("%j", { timeout: 60_000 }, (unit) => {
    const raw = Buffer.from(unit.repeat(Math.ceil(bytes / unit.length)), "latin1");
    const startMs = performance.now();
    gate.raw(raw);
    expect(performance.now() - startMs).toBeLessThan(allowedMs);
  });
});
