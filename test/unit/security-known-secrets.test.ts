import { describe, expect, test } from "vitest";

import { createGate } from "../../capture/security/gate-line.ts";
import {
  knownSecretsOfEnvFile,
  knownSecretsOfEnvironment,
} from "../../capture/security/known-secrets.ts";

const key = Buffer.alloc(32, 7);

describe("the values of a .env file", () => {
  test("are its secrets, not its settings", () => {
    const text = [
      "# comment",
      "NODE_ENV=production",
      "PORT=3000",
      "API_URL=https://api.acme.dev/v1",
      "OWNER=jane.doe@example.com",
      "DATA_DIR=/srv/data",
      "export DB_PASSWORD='correct horse'",
      'SESSION_SECRET="line one',
      'line two of it"',
      "SHORT_PASSWORD=abc",
      "REF_TOKEN=$OTHER_TOKEN",
      "DATABASE_URL=postgres://app:Tr0ub4dor3@db/shop",
      "PLAIN=x9Kd82mQpL0s7Z",
      "TRAILING_TOKEN=abcdefgh12345 # note",
    ].join("\n");
    expect(knownSecretsOfEnvFile(text)).toEqual([
      "correct horse",
      "line one",
      "line two of it",
      "Tr0ub4dor3",
      "x9Kd82mQpL0s7Z",
      "abcdefgh12345",
    ]);
  });

  test("are few enough to look for, whatever the file", () => {
    const text = Array.from({ length: 5_000 }, (_, i) => `KEY_${i}_TOKEN=abcdefgh${i}`).join("\n");
    expect(knownSecretsOfEnvFile(text)).toHaveLength(1_000);
  });
});

test("of the environment, only variables whose names say secret count", () => {
  const found = knownSecretsOfEnvironment({
    PATH: "/usr/local/bin:/usr/bin",
    GITHUB_TOKEN: "abcdefgh12345",
    npm_config_user_agent: "npm/11.0.0 node/v24.0.0 linux x64",
    SSH_AUTH_SOCK: "/run/user/1000/agent",
    AWS_SECRET_ACCESS_KEY: "QmFzZTY0IGlzIG5vdCBlbmNyeXB0aW9u",
    EMPTY_PASSWORD: undefined,
  });
  expect(found).toEqual(["abcdefgh12345", "QmFzZTY0IGlzIG5vdCBlbmNyeXB0aW9u"]);
});

describe("a known secret", () => {
  const secret = 'kn0wn "and" odd\\value é';
  const gate = createGate({ key, knownSecrets: [secret, "x9Kd82mQpL0s7Z"] });

  test.each([
    ["as it is", (value: string) => value],
    ["in JSON", (value: string) => JSON.stringify({ value })],
    ["in JSON in JSON", (value: string) => JSON.stringify(JSON.stringify({ value }))],
    ["numbered", (value: string) => `     1\tA=1\n     2\tB=${value}`],
    ["percent-encoded", (value: string) => encodeURIComponent(value)],
    ["in hex", (value: string) => Buffer.from(value).toString("hex")],
    ["in base64", (value: string) => Buffer.from(value).toString("base64")],
    ["in base64 behind one byte", (value: string) => Buffer.from(`u${value}`).toString("base64")],
    ["in base64 behind two", (value: string) => Buffer.from(`me${value}`).toString("base64")],
    ["in base64 for URLs", (value: string) => Buffer.from(value).toString("base64url")],
  ])("is found %s", (_, write) => {
    for (const value of [secret, "x9Kd82mQpL0s7Z"]) {
      const text = `some text ${write(value)} more text`;
      const line = Buffer.from(JSON.stringify({ text }));
      const { bytes, redactions } = gate.line(line);
      expect(redactions).toBe(1);
      const rest = (JSON.parse(bytes.toString()) as { text: string }).text;
      const [core = ""] = write(value).match(/[A-Za-z0-9]{8,}/) ?? [write(value)];
      expect(rest).not.toContain(core);
    }
  });

  test("is found where a writer escapes what is not ASCII", () => {
    const text = JSON.stringify({ secret }).replace("é", "\\u00e9");
    expect(gate.line(Buffer.from(text)).bytes.toString()).not.toContain("kn0wn");
  });

  test("is not looked for where nobody handed it in", () => {
    const text = "some text x9Kd82mQpL0s7Z more text";
    expect(createGate({ key }).text(text).redactions).toBe(0);
  });
});

test("a variable that holds a place is no secret, whatever its name sounds like", () => {
  const found = knownSecretsOfEnvironment({
    PWD: "/home/ada/shop",
    OLDPWD: "/home/ada/other",
    SSH_AUTH_SOCK: "/tmp/ssh-x1y2/agent.12",
    XAUTHORITY: "/home/ada/.Xauthority",
    DB_PWD: "horse-battery-9",
  });
  expect(found).toEqual(["horse-battery-9"]);
});
