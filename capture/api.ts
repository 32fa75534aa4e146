import { connectEngine } from "./engine/client.ts";
import type { Engine, OpenOptions } from "./engine/engine.ts";

export type { Logger } from "./base/log.ts";
export { OtError } from "./base/errors.ts";
export { type Op, quietOp } from "./base/op.ts";
export type * from "./engine/engine.ts";
export type * from "./model/answers.ts";
export type * from "./model/timeline.ts";

/**
 * The only door to the engine.
 *
 * `in-process` reads and writes the bucket itself and captures nothing live; `shared` connects to
 * the machine user's engine process, which does. Answers are the same. Throws `home-read-only`,
 * and for `shared` `engine-unreachable` and `version-mismatch`.
 */
export async function openEngine(options: OpenOptions): Promise<Engine> {
  if (options.mode === "shared") return connectEngine(options);
  const { LocalEngine } = await import("./engine/local-engine.ts");
  return LocalEngine.open(options);
}
