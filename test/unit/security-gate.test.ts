import { createHmac } from "node:crypto";

import { describe, expect, test } from "vitest";

import { createGate } from "../../capture/security/gate-line.ts";

const key = Buffer.alloc(32, 7);
const gate = createGate({ key });

/** Made of words, so that it cannot be mistaken for a real one. */
const token = `ghp_${"FAKEfake".repeat(4)}1111`;
const exampleKeyId = "AKIAIOSFODNN7EXAMPLE";
const placeholder = /\[\[secret:[a-z0-9-]+:[0-9a-f]{6}\]\]/g;

function line(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), "utf8");
}

function gated(value: unknown): unknown {
  return JSON.parse(gate.line(line(value)).bytes.toString("utf8"));
}

function hashOf(text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

describe("a clean line", () => {
  test.each([
    ["of prose", { text: "the token bucket refills; the password field is required" }],
    ["of counts", { usage: { input_tokens: 13061, cache_read_input_tokens: 123456 } }],
    ["with the documentation's own key id", { text: `use ${exampleKeyId} in examples` }],
    ["with odd but valid JSON", { 'a\\"b': ["\u2028", "\ud800"], "": null }],
  ])("%s comes back as the very same buffer", (_, value) => {
    const raw = line(value);
    const result = gate.line(raw);
    expect(result.bytes).toBe(raw);
    expect(result).toMatchObject({ redactions: 0, redacted: [] });
  });

  test("comes back as the very same buffer when it is no JSON", () => {
    const raw = Buffer.from([0x7b, 0x00, 0xff, 0xfe]);
    expect(gate.line(raw).bytes).toBe(raw);
  });
});

describe("a line with a secret", () => {
  test("keeps every byte outside of the secret, spelling of escapes included", () => {
    const raw = Buffer.from(
      `{"a":"\\u00e9\\/ ${token} \\ud83d\\ude00é", "n": 1.0e2 ,"z":"\\u0041"}`,
      "utf8",
    );
    const { bytes, redactions } = gate.line(raw);
    expect(redactions).toBe(1);
    expect(bytes.toString("utf8").replace(placeholder, token)).toBe(raw.toString("utf8"));
  });

  test("says where it was, with the keyed hash of the raw text line", () => {
    const text = `first\nmy token is ${token} ok\nlast`;
    const { redacted } = gate.line(line({ message: { content: [{ text }] } }));
    expect(redacted).toEqual([
      {
        path: ["message", "content", 0, "text"],
        lines: [{ index: 1, hash: hashOf(`my token is ${token} ok`) }],
      },
    ]);
  });

  test("names a redacted key in the path by what stands there now", () => {
    const { bytes, redacted } = gate.line(line({ env: { [token]: 1 } }));
    const [name = ""] = Object.keys((JSON.parse(bytes.toString()) as { env: object }).env);
    expect(name).toMatch(placeholder);
    expect(redacted[0]?.path).toEqual(["env", name]);
  });

  test("joins equal secrets, whatever they are wrapped in", () => {
    const nested = JSON.stringify({ inner: JSON.stringify({ token }) });
    const found = JSON.stringify(gated([token, nested, `\t${token}\n`])).match(placeholder);
    expect(found).toHaveLength(3);
    expect(new Set(found).size).toBe(1);
  });

  test("tells buckets apart: another key gives other digits", () => {
    const other = createGate({ key: Buffer.alloc(32, 8) });
    expect(other.text(token).text).not.toBe(gate.text(token).text);
  });

  test("is gated again to the very same buffer", () => {
    const once = gate.line(line({ password: "hunter2abc", text: `TOKEN=${token}` })).bytes;
    expect(gate.line(once).bytes).toBe(once);
  });

  test("has none in disguise: letters written as escapes do not hide it", () => {
    const disguised = token.replace("ghp", "\\u0067h\\u0070");
    const { bytes } = gate.line(Buffer.from(`{"a":"${disguised}"}`));
    expect(bytes.toString()).toMatch(/^\{"a":"\[\[secret:github-token:[0-9a-f]{6}\]\]"\}$/);
  });
});

describe("what a JSON key says about its value", () => {
  test.each([
    [{ password: "hunter2abc" }, ["password"]],
    [{ env: { DB_PASSWORD: "hunter2abc" } }, ["env", "DB_PASSWORD"]],
    [{ headers: { "x-api-key": "abcd1234efgh5678" } }, ["headers", "x-api-key"]],
    [{ headers: { cookie: "sid=abc123def456; theme=dark" } }, ["headers", "cookie"]],
    [{ args: ["--password", "hunter2abc"] }, ["args", 1]],
    [{ env: [{ name: "API_TOKEN", value: "abcd1234efgh5678" }] }, ["env", 0, "value"]],
    [{ awsAccessKeyId: exampleKeyId }, ["awsAccessKeyId"]],
  ])("%j is redacted at %j", (value, path) => {
    expect(gate.line(line(value)).redacted.map((entry) => entry.path)).toEqual([path]);
  });

  test.each([
    { password: "string" },
    { token: "identifier" },
    { type: "password" },
    { secretName: "db-credentials" },
    { apiKeySource: "ANTHROPIC_API_KEY" },
    { nextToken: "eyAbCdEf0123456789abcdef" },
    { password: null, token: 123456789 },
    { token: "${GITHUB_TOKEN}" },
    { signature: "EqQBCkYIBxgCKkDvq9d0c3Zl0123456789abcdefABCDEF" },
  ])("%j is left alone", (value) => {
    const raw = line(value);
    expect(gate.line(raw).bytes).toBe(raw);
  });
});

describe("bytes that are no JSON", () => {
  test("are gated as text, invalid UTF-8 around the secret untouched", () => {
    const raw = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(token), Buffer.from([0xc3])]);
    const { bytes, redacted } = gate.raw(raw);
    expect(bytes.subarray(0, 2)).toEqual(raw.subarray(0, 2));
    expect(bytes.at(-1)).toBe(0xc3);
    expect(bytes.includes(token)).toBe(false);
    expect(redacted).toEqual([{ path: [], lines: [{ index: 0, hash: expect.any(String) }] }]);
  });

  test.each([
    ["a torn line", `{"message":"my token is ${token}`],
    ["settings", `password=hunter2abc "quoted"`],
    ["two objects glued together", `{"a":"${token}"}{"b":"${token}"}`],
    ["UTF-16", Array.from(token).join("\0")],
  ])("%s does not keep its secret", (_, text) => {
    const out = gate.line(Buffer.from(text)).bytes.toString("latin1").replaceAll("\0", "");
    expect(out).not.toContain("FAKEfake");
    expect(out).not.toContain("hunter2");
  });

  test("of a blob come back as the very same buffer when clean", () => {
    const image = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255));
    expect(gate.bytes(image).bytes).toBe(image);
  });
});

test("a long string keeps its bytes and loses its secrets, wherever they stand", () => {
  const filler = "const answer = 42; // nothing to see\n".repeat(20_000);
  const text = `${token}\n${filler}${token}\n${filler}API_TOKEN=abcd1234efgh5678\n`;
  const raw = line({ text });
  const { bytes, redactions, redacted } = gate.line(raw);
  expect(redactions).toBe(3);
  expect(redacted[0]?.lines.map((entry) => entry.index)).toEqual([0, 20_001, 40_002]);
  const out = (JSON.parse(bytes.toString()) as { text: string }).text;
  expect(out.split("\n").length).toBe(text.split("\n").length);
  expect(out.slice(-200)).not.toContain("abcd1234");
});

test("names, mail addresses and home paths stay: they are gate 2's", () => {
  const text = "Jane Doe <jane.doe@example.com> in /home/jane/projects/shop";
  expect(gate.text(text)).toEqual({ text, redactions: 0 });
});
