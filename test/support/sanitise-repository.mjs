// The sample repository of a recording: from a git bundle to a fast-import stream whose text
// holds placeholders instead of planted secrets.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hideSecrets } from "./sanitise-secrets.mjs";

/**
 * The stream, as bytes. The counts of its `data` lines are those of the stored text: whoever
 * expands the placeholders corrects them.
 */
export function exportRepository(bundle) {
  return withClone(bundle, (git) => {
    const stream = git("fast-export", "--all", "--signed-tags=strip", "--reencode=no");
    return mapStream(stream, hideSecrets);
  });
}

/** Every line of every text file of every commit, and of every commit message. */
export function linesOfRepository(bundle) {
  return withClone(bundle, (git) => {
    const stream = git("fast-export", "--all", "--reencode=no").toString("utf8");
    return stream.split("\n");
  });
}

/** Applies `change` to each data block of a fast-import stream and corrects its count. */
export function mapStream(stream, change) {
  const parts = [];
  let at = 0;
  while (at < stream.length) {
    const end = stream.indexOf(10, at) + 1 || stream.length;
    const line = stream.toString("latin1", at, end);
    at = end;
    const size = /^data (\d+)\n$/.exec(line)?.[1];
    if (size === undefined) {
      parts.push(Buffer.from(line, "latin1"));
      continue;
    }
    const stored = stream.subarray(at, at + Number(size));
    at += Number(size);
    const changed = Buffer.from(change(stored.toString("latin1")), "latin1");
    parts.push(Buffer.from(`data ${changed.length}\n`), changed);
  }
  return Buffer.concat(parts);
}

function withClone(bundle, use) {
  const folder = mkdtempSync(join(tmpdir(), "ot-sanitise-"));
  try {
    const env = {
      PATH: process.env.PATH ?? "/usr/bin:/bin",
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
    };
    const run = (...args) =>
      execFileSync("git", args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 });
    run("init", "-q", "--bare", "copy.git");
    run("-C", "copy.git", "fetch", "-q", bundle, "+refs/*:refs/*");
    return use((...args) => run("-C", "copy.git", ...args));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
