import { spawn, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Home, homeAt } from "../../capture/base/home.ts";
import { shimText } from "../../capture/setup/shim.ts";

export interface ShimRun {
  readonly exitCode: number | null;
  readonly printed: string;
}

/** A scratch home with the shim in it, and a folder to work in; gone when disposed. */
export class ShimHome implements Disposable {
  readonly dir: string = realpathSync(mkdtempSync(path.join(tmpdir(), "ot-shim-")));
  readonly home: Home = homeAt(path.join(this.dir, "a home"));
  readonly folder: string = path.join(this.dir, "shop");

  constructor() {
    mkdirSync(this.home.binDir, { recursive: true });
    mkdirSync(this.home.spoolDir);
    mkdirSync(path.join(this.folder, ".git"), { recursive: true });
    writeFileSync(this.home.shimFile, shimText(), { mode: 0o700 });
  }

  /** Keeps an answer as the engine would: a mark for a folder. */
  answer(folder: string, mark: string): void {
    const marks = path.join(this.home.consentDir, folder);
    mkdirSync(marks, { recursive: true });
    writeFileSync(path.join(marks, mark), "");
  }

  run(
    shell: readonly string[],
    options: {
      payload?: string | Buffer;
      args?: readonly string[];
      cwd?: string;
      env?: NodeJS.ProcessEnv;
      /** Without the rights of root, where the test has them. */
      asNobody?: boolean;
    } = {},
  ): ShimRun {
    const { payload = '{"session_id":"s-1"}', args = ["claude-code", "SubagentStop"] } = options;
    const [command, ...first] = [...shell, this.home.shimFile, ...args];
    const result = spawnSync(command ?? "sh", first, {
      cwd: options.cwd ?? this.folder,
      env: options.env ?? { PATH: process.env["PATH"], HOME: this.dir },
      input: payload,
      ...(options.asNobody === true && process.getuid?.() === 0
        ? { uid: 65_534, gid: 65_534 }
        : {}),
    });
    return {
      exitCode: result.status,
      printed: Buffer.concat([result.stdout, result.stderr]).toString("utf8"),
    };
  }

  /** Starts it without waiting; `exited` resolves with the exit code. */
  start(args: readonly string[], payload: string) {
    const child = spawn(this.home.shimFile, [...args], {
      cwd: this.folder,
      env: { PATH: process.env["PATH"], HOME: this.dir },
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(payload);
    const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { child, exited };
  }

  /** Resolves with the name of the first payload in the spool. */
  async untilSpooled(): Promise<string> {
    for (;;) {
      const name = this.spooled().find((one) => one.endsWith(".json"));
      if (name !== undefined) return name;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Names in the spool, hidden ones included. */
  spooled(): string[] {
    return readdirSync(this.home.spoolDir).toSorted();
  }

  /** Payloads in the spool, in the order of their names. */
  payloads(): Buffer[] {
    const names = this.spooled().filter((name) => name.endsWith(".json"));
    return names.map((name) => readFileSync(path.join(this.home.spoolDir, name)));
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The shells of this machine that the shim has to work in, each program once. */
export const shellsOfThisMachine: readonly (readonly string[])[] = distinctShells([
  ["dash"],
  ["bash"],
  ["bash", "--posix"],
  ["busybox", "sh"],
  ["sh"],
]);

function distinctShells(shells: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const known = new Set<string>();
  return shells.filter(([command = "", ...args]) => {
    const found = spawnSync("sh", ["-c", 'readlink -f "$(command -v "$0")"', command]);
    const place = [found.stdout.toString("utf8").trim(), ...args].join(" ");
    if (!place.startsWith("/") || known.has(place)) return false;
    known.add(place);
    return true;
  });
}
