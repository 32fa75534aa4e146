import type { Op } from "../base/op.ts";
import type { Engine } from "./engine.ts";
import { parseRequest } from "./requests.ts";

/** The calls of {@link Engine} that cross the socket: all that take an `Op`. */
export const engineMethods = [
  "importSessions",
  "captureOnce",
  "listTraces",
  "showTrace",
  "timelineHead",
  "timelineRows",
  "why",
  "blame",
  "blameCommit",
  "track",
  "stepDiff",
  "stepFile",
  "setup",
  "setCapture",
  "captureState",
  "collect",
  "status",
  "reportEditor",
] as const satisfies readonly (keyof Engine)[];

export type EngineMethod = (typeof engineMethods)[number];

/** The rest of the interface is no call; a method that is left out above fails to compile here. */
type NotCalls = Exclude<keyof Engine, EngineMethod>;
const notCalls: Record<NotCalls, true> = {
  onDidChange: true,
  onDidChangeState: true,
  close: true,
};

export function isEngineMethod(name: string): name is EngineMethod {
  return !Object.hasOwn(notCalls, name) && engineMethods.some((method) => method === name);
}

export type RequestOf<M extends EngineMethod> = Parameters<Engine[M]>[1];
export type AnswerOf<M extends EngineMethod> = Awaited<ReturnType<Engine[M]>>;

/** Makes a call by name, with a request that came over the socket. Throws `usage` for a bad one. */
export async function callByName(
  engine: Engine,
  method: EngineMethod,
  call: { readonly op: Op; readonly request: unknown },
): Promise<unknown> {
  // Safe: every method takes an Op and one request, and the client is typed by the same interface.
  const made = engine[method] as (op: Op, request: unknown) => Promise<unknown>;
  return made.call(engine, call.op, parseRequest(method, call.request));
}
