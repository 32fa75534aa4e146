import type { Engine } from "../api.ts";
import type { HookCall } from "./commands/hook.ts";
import type { LiveCapture } from "./commands/capture.ts";

/** Where text goes. `write` resolves when more may come, and to nothing once the reader is gone. */
export interface Sink {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): Promise<void>;
}

/** Everything of the process that a verb can touch; tests bring their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly version: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Null where nobody can be asked: no terminal, or a machine that says it is one (`CI`). */
  readonly ask: ((question: string) => Promise<string>) | null;
  nowMs(): number;
  openEngine(): Promise<Engine>;
  /** Captures until the operation is cancelled. */
  captureLive: LiveCapture;
  takeHook(call: HookCall): Promise<void>;
  /** Calls back at each SIGINT and SIGTERM; disposing lets go of them. */
  onStop(listener: () => void): Disposable;
}
