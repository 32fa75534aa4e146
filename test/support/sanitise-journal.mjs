// The request journal of Claude Code's session files: the hashes in it depend on the text of
// other records, so whoever changes a text (the sanitiser, the fixture loader) has to recompute
// them. Runs on Node 20.
import { createHash } from "node:crypto";

/** Top-level body members that the client leaves out of `requestDigest`. */
const OUTSIDE_DIGEST = new Set([
  "metadata",
  "stream",
  "thread",
  "diagnostics",
  "safeguards",
  "data_flow",
]);

/** Hex sha256 of a string or of bytes. */
export function sha256(input) {
  return createHash("sha256").update(input).digest("hex");
}

/** Canonical JSON: sorted keys, no spaces; `cache_control` members are left out when asked. */
export function canonical(value, omitCacheControl = false) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonical(item ?? null, omitCacheControl)).join(",")}]`;
  }
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined && !(omitCacheControl && key === "cache_control"))
    .sort();
  const members = keys.map(
    (key) => `${JSON.stringify(key)}:${canonical(value[key], omitCacheControl)}`,
  );
  return `{${members.join(",")}}`;
}

/** A message whose string content is spelled as one text block, as the journal hashes it. */
export function normalMessage(message) {
  if (typeof message.content !== "string") return message;
  return { ...message, content: [{ type: "text", text: message.content }] };
}

/** A deep copy without any `cache_control` member. */
export function withoutCacheControl(value) {
  if (Array.isArray(value)) return value.map(withoutCacheControl);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([key]) => key !== "cache_control");
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutCacheControl(member)]));
}

/** The digest the client records for a request body (with its `betas`, from the header). */
export function bodyDigest(body, betas) {
  const members = { ...body, messages: body.messages.map(normalMessage), betas };
  const kept = Object.entries(members).filter(([key]) => !OUTSIDE_DIGEST.has(key));
  return sha256(canonical(Object.fromEntries(kept)));
}

/**
 * Rebuilds every request that the journal holds.
 * `files` is one array of parsed records a session file; the result has one entry an
 * `api-request` record: `{record, body, verified}`, `body` without `betas` and null when a
 * message is missing.
 */
export function rebuildRequests(files) {
  const index = indexJournal(files);
  return [...index.requests.values()].map((record) => rebuildOne(record, index));
}

/**
 * Recomputes in `after` every hash that depends on text; `before` holds the same records with
 * their old text and valid hashes. Changes the records of `after` in place. Throws when a
 * request of `before` does not verify, since then nothing can be said about the new one.
 */
export function rehash(before, after) {
  const hashes = new Map();
  before.forEach((records, file) => {
    const olds = messageHashes(records);
    const news = messageHashes(after[file]);
    if (olds.length !== news.length) throw new Error("the two versions differ in structure");
    olds.forEach((entry, at) => hashes.set(entry.hash, news[at].hash));
  });
  for (const records of after) for (const record of records) renameHashes(record, hashes);
  for (const { record, verified } of rebuildRequests(before)) {
    if (!verified) throw new Error(`request ${record.id} did not verify before the change`);
  }
  for (const request of rebuildRequests(after)) {
    if (request.body === null) throw new Error(`request ${request.record.id} lost a message`);
    request.record.requestDigest = bodyDigest(request.body, request.record.params.betas);
  }
}

function renameHashes(record, hashes) {
  const renamed = (hash) => {
    const found = hashes.get(hash);
    if (found === undefined) throw new Error(`hash ${hash} belongs to no message`);
    return found;
  };
  if (record.type === "api-request-blob") record.hash = renamed(record.hash);
  if (record.type === "api-request-shape") record.shapeHash = renamed(record.shapeHash);
  if (record.type === "api-request") {
    record.tail = record.tail.map(renamed);
    record.shapeHash = renamed(record.shapeHash);
  }
}

/** Every hash a file gives rise to, in an order that depends on structure alone. */
function messageHashes(records) {
  const found = [];
  let run = null;
  for (const record of records) {
    if (record.type === "api-request-shape") {
      found.push({ hash: sha256(canonical(record.shape)), value: record.shape });
    } else if (record.type === "api-request-blob") {
      const message = normalMessage(record.message);
      found.push({ hash: sha256(canonical(message, true)), value: message });
    } else if (record.type === "user" || record.type === "assistant") {
      const { role, id } = record.message;
      // One response is one run; consecutive user records are one run, any prefix of which counts.
      if (run?.role !== role || (role === "assistant" && run.id !== id)) {
        run = { role, id, content: [] };
      }
      for (const block of normalMessage(record.message).content) {
        run.content.push(block);
        const message = { role, content: [...run.content] };
        found.push({ hash: sha256(canonical(message, true)), value: message });
      }
    }
  }
  return found;
}

function indexJournal(files) {
  const index = { shapes: new Map(), messages: new Map(), requests: new Map() };
  for (const records of files) {
    for (const { hash, value } of messageHashes(records)) index.messages.set(hash, value);
    for (const record of records) {
      if (record.type === "api-request-shape") index.shapes.set(record.shapeHash, record.shape);
      if (record.type === "api-request-blob") {
        index.messages.set(record.hash, normalMessage(record.message));
      }
      if (record.type === "api-request") index.requests.set(record.id, record);
    }
  }
  return index;
}

function hashList(record, index) {
  if (record === undefined) return [];
  const base = record.base === undefined ? [] : hashList(index.requests.get(record.base), index);
  return [...base.slice(0, record.keep), ...record.tail];
}

function rebuildOne(record, index) {
  const messages = hashList(record, index).map((hash) => index.messages.get(hash));
  const shape = index.shapes.get(record.shapeHash);
  if (shape === undefined || messages.includes(undefined)) {
    return { record, body: null, verified: false };
  }
  const { betas, ...params } = record.params;
  const body = withoutCacheControl({ ...params, ...shape, messages });
  for (const { path, value } of record.cacheControl) {
    let at = body;
    for (const key of path) at = at[key];
    at.cache_control = value;
  }
  return { record, body, verified: bodyDigest(body, betas) === record.requestDigest };
}
