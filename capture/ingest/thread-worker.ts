// Entry of the second thread of an ingest: see `capture-thread.ts`, which starts it.
import { existsSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { assert } from "../base/errors.ts";
import { compressedBlobBytesMin } from "../base/limits.ts";
import { placeBlob } from "../bucket/blob-file.ts";
import { KeyedHasher } from "../bucket/key.ts";
import { createGate, type Gate, type GatedLine } from "../security/gate-line.ts";
import type {
  BlobRequest,
  Fault,
  GatedLines,
  GateRequest,
  ThreadAnswer,
  ThreadRequest,
} from "./thread-messages.ts";

/** A gate takes milliseconds to make, and one session's batches come one after the other. */
const gatesMax = 4;
const gates = new Map<string, { readonly gate: Gate; readonly hasher: KeyedHasher }>();

assert(parentPort !== null, "this runs as a thread");
const port = parentPort;
port.on("message", (request: ThreadRequest) => port.postMessage(answerTo(request)));
port.postMessage({ isReady: true } satisfies ThreadAnswer);

function answerTo(request: ThreadRequest): ThreadAnswer {
  const { id } = request;
  try {
    if (request.does === "gate") return { id, gated: gatedLines(request) };
    writeBlob(request);
    return { id, isWritten: true };
  } catch (error) {
    return { id, fault: faultOf(error) };
  }
}

function gatedLines({ key, knownSecrets, memory, ranges }: GateRequest): GatedLines {
  const { gate, hasher } = gateFor(key, knownSecrets);
  const changed = new Map<number, GatedLine>();
  let hashes = "";
  for (let at = 0; at < ranges.length; at += 2) {
    const [from = 0, to = 0] = ranges.subarray(at, at + 2);
    const raw = Buffer.from(memory, from, to - from);
    hashes += hasher.hash(raw);
    const gated = gate.line(raw);
    // A copy of its own: a message takes along all of the memory that a buffer is a part of.
    if (gated.bytes !== raw) changed.set(at / 2, { ...gated, bytes: Buffer.from(gated.bytes) });
  }
  return { hashes, changed };
}

function gateFor(key: Uint8Array, knownSecrets: readonly string[]) {
  const name = [Buffer.from(key).toString("hex"), ...knownSecrets].join("\0");
  const known = gates.get(name);
  if (known !== undefined) return known;
  if (gates.size >= gatesMax) gates.clear();
  const bytes = Buffer.from(key);
  const made = { gate: createGate({ key: bytes, knownSecrets }), hasher: new KeyedHasher(bytes) };
  gates.set(name, made);
  return made;
}

function writeBlob({ path, bytes, mayExist }: BlobRequest): void {
  if (mayExist && existsSync(path)) return;
  const gzipped = bytes.length < compressedBlobBytesMin ? undefined : gzipSync(bytes, { level: 1 });
  placeBlob(path, { bytes, gzipped });
}

function faultOf(error: unknown): Fault {
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string"
      ? error.code
      : undefined;
  return { code, message: error instanceof Error ? error.message : String(error) };
}
