import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where everything of this machine user lies. Paths only: nothing is made or read here. */
export interface Home {
  readonly root: string;
  readonly keyFile: string;
  readonly consentDir: string;
  readonly binDir: string;
  readonly shimFile: string;
  readonly bucketDir: string;
  readonly sessionsDir: string;
  readonly indexDir: string;
  readonly catalogFile: string;
  readonly spoolDir: string;
  readonly spoolBadDir: string;
  readonly engineDir: string;
}

/** The paths below one `OPENTRACES_HOME`. */
export function homeAt(root: string): Home {
  const bucketDir = join(root, "bucket");
  const indexDir = join(root, "index");
  const spoolDir = join(root, "spool");
  return {
    root,
    keyFile: join(root, "key"),
    consentDir: join(root, "consent"),
    binDir: join(root, "bin"),
    shimFile: join(root, "bin", "opentraces-hook"),
    bucketDir,
    sessionsDir: join(bucketDir, "sessions"),
    indexDir,
    catalogFile: join(indexDir, "catalog.sqlite"),
    spoolDir,
    spoolBadDir: join(spoolDir, "bad"),
    engineDir: join(root, "engine"),
  };
}

/** `OPENTRACES_HOME`, else `~/.opentraces`, made absolute. */
export function homeFrom(env: Readonly<Record<string, string | undefined>>): Home {
  const named = env["OPENTRACES_HOME"];
  if (named !== undefined && named !== "") return homeAt(resolve(named));
  return homeAt(join(env["HOME"] ?? homedir(), ".opentraces"));
}
