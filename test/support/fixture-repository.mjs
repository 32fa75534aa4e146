// Git for fixtures: hermetic, with the identity and the dates of the recording, so that commit
// ids are those of the recording too.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { devNull } from "node:os";
import { expandSecrets } from "./sanitise-secrets.mjs";
import { mapStream } from "./sanitise-repository.mjs";

/** An environment in which git and recorded commands see nothing of the user's own settings. */
export function hermeticEnv(home, epochSeconds = 0) {
  const date = `@${epochSeconds} +0000`;
  return {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
}

/** Runs git in a folder, hermetically; gives back its output without the last newline. */
export function recordedGit(folder, args, input) {
  const env = hermeticEnv(folder);
  const output = execFileSync("git", args, { cwd: folder, env, input, stdio: "pipe" });
  return output.toString("utf8").replace(/\n$/, "");
}

/** Makes a repository in `folder` from a stored stream; the work tree is that of `main`. */
export function restoreRepository(streamFile, folder) {
  mkdirSync(folder, { recursive: true });
  const stream = mapStream(readFileSync(streamFile), expandSecrets);
  recordedGit(folder, ["init", "-q", "-b", "main", "."]);
  recordedGit(folder, ["config", "user.name", "Jane Doe"]);
  recordedGit(folder, ["config", "user.email", "jane.doe@example.com"]);
  recordedGit(folder, ["fast-import", "--quiet"], stream);
  recordedGit(folder, ["reset", "-q", "--hard", "main"]);
}
