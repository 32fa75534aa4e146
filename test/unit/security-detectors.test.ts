import { generateKeyPairSync, type KeyExportOptions } from "node:crypto";

import { describe, expect, test } from "vitest";

import { createGate } from "../../capture/security/gate-line.ts";
import {
  chars,
  contexts,
  namedKinds,
  randomOf,
  type SecretKind,
  shapedKinds,
} from "../support/secret-samples.ts";

const gate = createGate({ key: Buffer.alloc(32, 7) });
const random = randomOf(20_261);

/** What the gate leaves of `text` in a transcript line, placeholders taken out. */
function remainder(text: string): string {
  const line = Buffer.from(JSON.stringify({ message: { content: text } }));
  const out = JSON.parse(gate.line(line).bytes.toString()) as { message: { content: string } };
  return out.message.content.replace(/\[\[secret:[^\]]*\]\]/g, "");
}

/** True if eight characters in a row of the secret are left that the text has nowhere else. */
function leaks(secret: string, text: string): boolean {
  const rest = remainder(text);
  const around = text.replaceAll(secret, "");
  for (let i = 0; i + 8 <= secret.length; i += 1) {
    const piece = secret.slice(i, i + 8);
    if (rest.includes(piece) && !around.includes(piece)) return true;
  }
  return false;
}

describe.each([...shapedKinds, ...namedKinds])("a secret of the kind $name", (kind: SecretKind) => {
  test.each(contexts)("does not survive in a transcript as $name", (context) => {
    const secret = kind.make(random);
    expect(leaks(secret, context.write(secret, kind.key ?? "setting"))).toBe(false);
  });
});

const hex = (count: number): string => chars(random, "0123456789abcdef", count);
const base64 = (count: number): string =>
  Buffer.from(chars(random, "abcdefghijklmnopqrstuvwxyz0123456789+/", count)).toString("base64");
const uuid = [8, 4, 4, 4, 12].map(hex).join("-");

describe("what only looks like a secret is left alone:", () => {
  test.each([
    ["a git commit", `commit ${hex(40)} (HEAD -> main)`],
    ["an integrity hash", `"integrity": "sha512-${base64(64)}"`],
    ["a go.sum line", `golang.org/x/text v0.3.0 h1:${base64(32)}`],
    ["a cargo checksum", `checksum = "${hex(64)}"`],
    ["a docker digest", `FROM node@sha256:${hex(64)}`],
    ["a uuid", `"sessionId":"${uuid}","parentUuid":"${uuid}"`],
    ["an image", `"data":"iVBORw0KGgo${base64(300)}"`],
    ["a thinking signature", `"signature":"EqQB${base64(200)}"`],
    ["encrypted content", `"encrypted_content":"gAAAAA${base64(200)}"`],
    ["a tool id", `"tool_use_id":"toolu_01${chars(random, "ABCDEFGHJKabcdefgh23456789", 22)}"`],
    ["a message id", `"id":"msg_01${chars(random, "ABCDEFGHJKabcdefgh23456789", 22)}"`],
    ["a digest", `"requestDigest":"${hex(64)}","shapeHash":"${hex(64)}"`],
    ["a cache key", `key: Linux-node-${hex(64)}`],
    ["an etag", `etag: W/"${hex(32)}"`],
    ["a certificate", `-----BEGIN CERTIFICATE-----\n${base64(90)}\n-----END CERTIFICATE-----`],
    ["a public key", `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${base64(32)} dev@host`],
    ["the documentation's key id", "AKIAIOSFODNN7EXAMPLE"],
    ["a read of the environment", "const token = process.env.GITHUB_TOKEN ?? '';"],
    ["a variable in a shell", 'curl -H "Authorization: Bearer $TOKEN" -u "$USER:$PASS" $URL'],
    ["a placeholder", "api_key = YOUR_API_KEY\nOPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx"],
    ["a template", "password: {{ db_password }}\ntoken: <your-token>"],
    ["a type", "interface Login { password: string; token?: string | undefined; key: Uint8Array }"],
    ["code", "const token = lexer.next(); this.password = hashPassword(user.password, salt);"],
    ["a comparison", "if (token === undefined || password.length < 8) throw new Error();"],
    ["a call", "setToken(tokenFrom(request.headers.authorization));"],
    ["a token count", '{"max_tokens": 128000, "thinking_tokens": 4096}'],
    ["a class name", "<div class='sk-loading-indicator-container-wrapper'></div>"],
    ["an address with a port", "http://localhost:3000/@vite/client and git@github.com:acme/shop"],
    ["a user id", "docker run -u 1000:1000 -p 8080:80 app"],
    ["a push", "git push -u origin main:main"],
    ["a sentence", "The password is required. The token is invalid. Is the key: unknown?"],
    ["a page token", '"nextPageToken": "CAUQAA1b2C3d4E5f6G7h8"'],
    ["a package", '"@secretlint/secretlint-rule-1password": "^10.2.2"'],
    ["a path to one", "key_file: /etc/ssl/private/server.key\nTOKEN_FILE=/run/secrets/token"],
    ["a name of one", "secretName: db-credentials\nsecret_name=prod/db"],
    ["constants", "STENCIL_PASS_DEPTH_PASS: 0x0B96, submitPassword: RESET_PASSWORD_V2_SUBMIT,"],
  ])("%s", (_, text) => {
    expect(gate.text(text)).toEqual({ text, redactions: 0 });
  });
});

describe("a private key", () => {
  const pem = (options: KeyExportOptions<"pem">): string =>
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(options).toString();
  const keys: readonly (readonly [string, string])[] = [
    ["PKCS 8", pem({ format: "pem", type: "pkcs8" })],
    ["SEC 1", pem({ format: "pem", type: "sec1" })],
    [
      "RSA",
      generateKeyPairSync("rsa", { modulusLength: 2048 })
        .privateKey.export({ format: "pem", type: "pkcs1" })
        .toString(),
    ],
  ];
  const forms: readonly (readonly [string, (key: string) => string])[] = [
    ["whole", (key) => key],
    ["with Windows line ends", (key) => key.replaceAll("\n", "\r\n")],
    ["on one line, breaks escaped", (key) => `KEY="${key.replaceAll("\n", "\\n")}"`],
    ["twice escaped", (key) => JSON.stringify(JSON.stringify({ key }))],
    [
      "numbered",
      (key) =>
        key
          .split("\n")
          .map((line, i) => `${i + 1}`.padStart(6) + `\t${line}`)
          .join("\n"),
    ],
    [
      "in a diff",
      (key) =>
        key
          .split("\n")
          .map((line) => `+${line}`)
          .join("\n"),
    ],
    [
      "quoted line by line",
      (key) =>
        key
          .split("\n")
          .map((line) => `  "${line}\\n" +`)
          .join("\n"),
    ],
    ["with blanks for breaks", (key) => key.replaceAll("\n", " ")],
    ["cut off at the end", (key) => key.slice(0, Math.floor(key.length * 0.8))],
    ["cut off at the start", (key) => key.split("\n").slice(2).join("\n")],
    ["without its markers", (key) => key.replace(/-----[A-Z0-9 ]+-----/g, "")],
    ["encoded once more", (key) => `client-key-data: ${Buffer.from(key).toString("base64")}`],
  ];
  const cases = keys.flatMap(([kind, key]) =>
    forms.map(([form, write]) => ({ kind, form, key, write })),
  );

  test.each(cases)("($kind) $form loses its body and keeps its lines", ({ form, key, write }) => {
    const text = write(key);
    const rest = remainder(text);
    const body =
      form === "encoded once more" ? text.slice(17) : key.split("\n").slice(1, -2).join("");
    const kept = form === "cut off at the end" ? text : key;
    for (let i = 0; i + 20 <= body.length; i += 5) {
      const piece = body.slice(i, i + 20);
      if (kept.includes(piece) || form === "encoded once more") expect(rest).not.toContain(piece);
    }
    expect(rest.split("\n")).toHaveLength(text.split("\n").length);
  });
});

describe("credentials in commands, headers and addresses", () => {
  const secret = "s3cr3tPa55w0rd";
  test.each([
    `postgres://app:${secret}@db.internal:5432/shop`,
    `redis://:${secret}@cache:6379`,
    `https:\\/\\/bob:${secret}@git.acme.dev`,
    `git clone https://x-access-token:${secret}@github.com/acme/shop`,
    `curl -sS -u bob:${secret} https://api.acme.dev`,
    `curl --user "bob:${secret}" https://api.acme.dev`,
    `sshpass -p ${secret} ssh host`,
    `mysql -u root -p${secret} shop`,
    `psql --password ${secret}`,
    `PGPASSWORD=${secret} psql`,
    `machine api.acme.dev login bob password ${secret}`,
    `CREATE USER bob IDENTIFIED BY '${secret}';`,
    `Server=db;User Id=bob;Password=${secret};Encrypt=yes`,
    `jdbc:postgresql://db/shop?user=bob&password=${secret}&ssl=true`,
    `Authorization: Bearer ${secret}`,
    `Authorization: Basic ${Buffer.from(`bob:${secret}`).toString("base64")}`,
    `{"auths":{"acme.dev":{"auth":"${Buffer.from(`bob:${secret}`).toString("base64")}"}}}`,
    `Cookie: theme=dark; session=${secret}; path=/`,
    `Set-Cookie: sid=${secret}; HttpOnly; Path=/`,
    `<add key="Password" value="${secret}" />`,
    `<password>${secret}</password>`,
    `- name: DB_PASSWORD\n  value: ${secret}`,
    `AWS Secret Access Key [None]: ${secret}${secret}`,
    `\u001b[32mDB_PASSWORD\u001b[0m=\u001b[33m${secret}\u001b[0m`,
    `the password is ${secret}, keep it`,
    `password = "${secret}" # rotate`,
  ])("%j", (text) => {
    const rest = remainder(text);
    expect(rest).not.toContain(secret);
    expect(rest).not.toContain(Buffer.from(`bob:${secret}`).toString("base64").slice(0, 20));
  });
});

test("what the gate finds does not depend on what it saw before", () => {
  const end = "\nQm9keUxpbmVPZkFLZXkwMTIz\n-----END RSA PRIVATE KEY-----\n";
  const first = gate.text(end).text;
  gate.text(`-----BEGIN RSA PRIVATE KEY-----${"\nQm9keUxpbmVPZkFLZXkwMTIz".repeat(9)}\nno key\n`);
  expect(gate.text(end).text).toBe(first);
  expect(first).not.toContain("Qm9keUxp");
});
