// Loads the recorded sessions of test/fixtures: expands the planted secrets, moves the session
// to a repository and a config folder of the caller's, and recomputes the hashes that depend on
// either. Runs on Node 20, since `npm start` replays a fixture.
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { recordedGit, restoreRepository } from "./fixture-repository.mjs";
import { scheduleOf } from "./fixture-schedule.mjs";
import { bodyDigest, rehash } from "./sanitise-journal.mjs";
import { mapTexts } from "./sanitise-places.mjs";
import { expandSecrets } from "./sanitise-secrets.mjs";

const FIXTURES = fileURLToPath(new URL("../fixtures/claude-code/", import.meta.url));

/** Where a fixture's session took place, as its files say. */
export const RECORDED_REPOSITORY = "/home/dev/shop";
export const RECORDED_CONFIG = "/home/dev/.claude";

/** The folder name Claude Code gives to the sessions of a working directory. */
export function projectSlug(folder) {
  return folder.replace(/[^a-zA-Z0-9]/g, "-");
}

/** Names of the fixtures, sorted. */
export function fixtureNames() {
  return readdirSync(FIXTURES).sort();
}

/**
 * Reads a fixture. Without `repository` and `configFolder` its paths stay those of
 * `RECORDED_REPOSITORY` and `RECORDED_CONFIG`; the secrets are expanded in either case.
 * Throws when the journal of the stored files does not verify.
 */
export function readFixture(name, { repository, configFolder } = {}) {
  const folder = join(FIXTURES, name);
  const move = mover(repository ?? RECORDED_REPOSITORY, configFolder ?? RECORDED_CONFIG);
  const manifest = JSON.parse(readFileSync(join(folder, "MANIFEST.json"), "utf8"));
  const files = readNative(join(folder, "native"), move);
  const hooks = parseLines(readFileSync(join(folder, "hooks.jsonl"), "utf8"));
  const fixture = {
    name,
    folder,
    client: manifest.client,
    prompts: manifest.prompts.map(move),
    cwd: repository ?? RECORDED_REPOSITORY,
    configFolder: configFolder ?? RECORDED_CONFIG,
    files,
    hooks: hooks.map(({ atNs, payload }) => ({
      atNs: BigInt(atNs),
      payload: mapTexts(payload, "", move, move),
    })),
    requests: readRequests(join(folder, "requests.json"), move),
  };
  return { ...fixture, schedule: scheduleOf(fixture) };
}

/**
 * Puts a fixture on disk under `root`: the repository as it was before the session in
 * `root/shop`, an empty config folder `root/claude` (CLAUDE_CONFIG_DIR). Session files are
 * written by `writeNative` or by a replay.
 */
export function placeFixture(name, root) {
  const base = realpathSync(root);
  const repository = join(base, "shop");
  const configFolder = join(base, "claude");
  mkdirSync(configFolder, { recursive: true });
  const fixture = readFixture(name, { repository, configFolder });
  restoreRepository(join(fixture.folder, "repo-before.fi"), repository);
  return { fixture, repository, configFolder };
}

/** Makes a repository from the recorded state before or after the session. */
export function createRepository(fixture, folder, state = "before") {
  restoreRepository(join(fixture.folder, `repo-${state}.fi`), folder);
}

/** Writes all session files at once, as after the session. */
export function writeNative(fixture, configFolder) {
  for (const { path, text } of fixture.files) {
    const file = join(configFolder, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  }
}

export { recordedGit };

/** Expands secrets and moves paths, in this order; the slug goes first since it holds a path. */
function mover(repository, configFolder) {
  const pairs = [
    [projectSlug(RECORDED_REPOSITORY), projectSlug(repository)],
    [RECORDED_REPOSITORY, repository],
    [RECORDED_CONFIG, configFolder],
  ];
  return (text) => {
    let moved = expandSecrets(text);
    for (const [from, to] of pairs) if (from !== to) moved = moved.replaceAll(from, to);
    return moved;
  };
}

function readNative(folder, move) {
  const names = readdirSync(folder, { recursive: true })
    .filter((name) => /\.(jsonl|json|txt)$/.test(name))
    .sort();
  const texts = names.map((name) => readFileSync(join(folder, name), "utf8"));
  const transcripts = names.filter((name) => name.endsWith(".jsonl"));
  const before = transcripts.map((name) => parseLines(texts[names.indexOf(name)]));
  const after = before.map((records) => records.map((record) => mapTexts(record, "", move, move)));
  rehash(before, after);
  return names.map((name, at) => {
    const path = move(relative(folder, join(folder, name)).split(sep).join("/"));
    const records = after[transcripts.indexOf(name)];
    if (records !== undefined) return { path, records, text: jsonLines(records) };
    return { path, records: [], text: moveOther(name, texts[at], move) };
  });
}

function moveOther(name, text, move) {
  if (!name.endsWith(".json")) return move(text);
  return JSON.stringify(mapTexts(JSON.parse(text), "", move, move));
}

/** The ground truth, each request with the body as the model received it. */
function readRequests(file, move) {
  const table = mapTexts(JSON.parse(readFileSync(file, "utf8")), "", move);
  return table.requests.map((row) => {
    const pick = (name) => row[name].map((at) => structuredClone(table[name][at]));
    const body = {
      ...row.params,
      system: pick("system"),
      tools: pick("tools"),
      messages: pick("messages"),
    };
    for (const { path, value } of row.cacheControl) {
      let at = body;
      for (const key of path) at = at[key];
      at.cache_control = value;
    }
    const { n, at, queue, step, betas, response } = row;
    return { n, at, queue, step, betas, body, digest: bodyDigest(body, betas), response };
  });
}

function parseLines(text) {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

function jsonLines(records) {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
