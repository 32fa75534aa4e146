#!/usr/bin/env node
// node test/support/sanitise.mjs FROM TO
//
// Turns one recorded Claude Code session (FROM: native/, hooks/, requests/, out/commands.txt,
// repo-before.bundle, repo-after.bundle, MANIFEST.json) into a fixture (TO) that holds no words
// of the client's vendor. Paths of the recording machine become /home/dev/shop and /home/dev,
// planted secrets become placeholders, and every hash that depends on a text is recomputed, so
// that the journal of the fixture verifies like the recorded one. Equal input gives equal
// output, byte for byte. Exits 1 and names the place when a text cannot be accounted for.
// Needs git and Node 20 or later. The layout of TO: test/fixtures/README.md.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bodyDigest, rebuildRequests, rehash, sha256 } from "./sanitise-journal.mjs";
import { isClientPlace, kindOf, mapTexts } from "./sanitise-places.mjs";
import { exportRepository, linesOfRepository } from "./sanitise-repository.mjs";
import { readResponse, requestTable } from "./sanitise-requests.mjs";
import { hideSecrets } from "./sanitise-secrets.mjs";
import { lenientText, strictText } from "./sanitise-text.mjs";

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  process.stderr.write("usage: node test/support/sanitise.mjs FROM TO\n");
  process.exit(2);
}
const unaccounted = sanitise(from, to);
if (unaccounted.size > 0) {
  process.stderr.write("texts that nobody can account for (rule them, then run again):\n");
  for (const [place, line] of unaccounted) process.stderr.write(`  ${place}: ${line}\n`);
  process.exit(1);
}

function sanitise(source, target) {
  const manifest = readJson(join(source, "MANIFEST.json"));
  const neutralise = neutraliser(manifest);
  const native = readNative(join(source, "native/.claude/projects"));
  const hooks = readHooks(join(source, "hooks"));
  const requests = readRequests(join(source, "requests"));
  const prompts = typedPrompts(source).map(neutralise);
  const own = ownLines({ source, prompts, requests, neutralise });
  const unaccounted = new Map();
  const change = (text, place) => {
    const ours = neutralise(text);
    if (isClientPlace(place)) return strictText(ours, own);
    return lenientText(ours, own, (line) => unaccounted.set(place, line));
  };
  const write = fixtureWriter(target);
  const sessions = writeNative({ native, change, neutralise, write });
  write("hooks.jsonl", jsonLines(hooks.map((hook) => changeHook(hook, change))));
  write("requests.json", `${JSON.stringify(requestTable(requests, change), null, 1)}\n`);
  for (const name of ["before", "after"]) {
    write(`repo-${name}.fi`, exportRepository(join(source, `repo-${name}.bundle`)));
  }
  write(
    "MANIFEST.json",
    `${JSON.stringify(newManifest(manifest, { prompts, sessions, hooks }), null, 1)}\n`,
  );
  return unaccounted;
}

/** Replaces what names the recording machine, and hides the planted secrets. */
function neutraliser({ cwd, home }) {
  const lab = cwd.slice(0, cwd.indexOf("/runs/"));
  const pairs = [
    [cwd.replace(/[^a-zA-Z0-9]/g, "-"), "-home-dev-shop"],
    [cwd, "/home/dev/shop"],
    [home, "/home/dev"],
    [`${lab}/tmp/t`, "/tmp"],
    [`${lab}/tools`, "/home/dev/hooks"],
  ];
  return (text) => {
    let neutral = text;
    for (const [name, ours] of pairs) neutral = neutral.replaceAll(name, ours);
    neutral = neutral.replace(/Linux \d+\.\d+\.\d+[\w.-]*/g, "Linux 6.1.0");
    return hideSecrets(neutral);
  };
}

/** What was typed, in order: the client was started once a prompt. */
function typedPrompts(source) {
  const commands = readFileSync(join(source, "out/commands.txt"), "utf8").split("\n");
  const prompts = commands.map(
    (line) => /^claude -p (.*?) --(?:resume|session-id|continue|fork)/.exec(line)?.[1],
  );
  return prompts.filter((prompt) => prompt !== undefined);
}

/** Every line the user, the scripted model or the repository wrote, trimmed. */
function ownLines({ source, prompts, requests, neutralise }) {
  const texts = [...prompts];
  // A slash command shows up whole and as its arguments.
  for (const prompt of prompts) texts.push(prompt.replace(/^\/\S+ /, ""));
  for (const { response } of requests) {
    mapTexts(response.blocks ?? [], "", (text) => texts.push(text));
  }
  for (const name of ["before", "after"]) {
    texts.push(...linesOfRepository(join(source, `repo-${name}.bundle`)));
  }
  const lines = texts.flatMap((text) => neutralise(text).split("\n"));
  return new Set(lines.map((line) => line.trim()));
}

function readNative(folder) {
  const names = readdirSync(folder, { recursive: true }).sort();
  return names
    .filter((name) => /\.(jsonl|json|txt)$/.test(name))
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** Writes the session files; gives back what the manifest says of those that are transcripts. */
function writeNative({ native, change, neutralise, write }) {
  const transcripts = native.filter(({ name }) => name.endsWith(".jsonl"));
  const before = transcripts.map(({ bytes }) => parseLines(bytes));
  const after = before.map((records) =>
    records.map((record) => mapTexts(record, kindOf(record), change, neutralise)),
  );
  rehash(before, after);
  const sessions = transcripts.map(({ name }, at) => {
    const text = jsonLines(after[at]);
    const file = `native/projects/${neutralise(name)}`;
    write(file, text);
    return { file, bytes: Buffer.byteLength(text), lines: after[at].length, sha256: sha256(text) };
  });
  const verified = rebuildRequests(after).filter((request) => request.verified).length;
  process.stdout.write(`${sessions.length} transcripts, ${verified} journal requests verify\n`);
  for (const { name, bytes } of native) {
    if (name.endsWith(".jsonl")) continue;
    const text = bytes.toString("utf8");
    const changed = name.endsWith(".json")
      ? JSON.stringify(mapTexts(JSON.parse(text), "meta", change, neutralise))
      : neutralise(text);
    write(`native/projects/${neutralise(name)}`, changed);
  }
  return sessions;
}

function readHooks(folder) {
  const names = readdirSync(folder).sort((a, b) =>
    BigInt(a.split("-")[0]) < BigInt(b.split("-")[0]) ? -1 : 1,
  );
  return names.map((name) => ({
    atNs: name.split("-")[0],
    payload: readJson(join(folder, name)),
  }));
}

function changeHook({ atNs, payload }, change) {
  return { atNs, payload: mapTexts(payload, kindOf(payload), change) };
}

function readRequests(folder) {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".request.json"))
    .sort();
  return names
    .map((name) => ({
      ...readJson(join(folder, name)),
      response: readResponse(
        readFileSync(join(folder, name.replace(".request.json", ".response.txt")), "utf8"),
      ),
    }))
    .filter((request) => request.kind === "messages")
    .map((request) => ({ ...request, recordedDigest: digestOf(request) }));
}

function digestOf({ body, headers }) {
  return bodyDigest(body, (headers["anthropic-beta"] ?? "").split(","));
}

function newManifest(manifest, { prompts, sessions, hooks }) {
  const { agent, scenario, client, digestsValid } = manifest;
  return {
    agent,
    scenario: scenario.replace("-v2", "-2"),
    client,
    cwd: "/home/dev/shop",
    home: "/home/dev",
    digestsValid,
    prompts,
    sessions,
    hookPayloads: hooks.length,
  };
}

function fixtureWriter(target) {
  rmSync(target, { recursive: true, force: true });
  return (name, content) => {
    const file = join(target, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function parseLines(bytes) {
  const lines = bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

function jsonLines(records) {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
