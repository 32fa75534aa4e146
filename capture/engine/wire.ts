import type { Socket } from "node:net";

import { type ErrorCode, errorCodes, OtError } from "../base/errors.ts";
import type { BucketChange } from "./engine.ts";

/** Grows when either side could misread the other. */
export const protocolVersion = 1;

/** A longer line ends the connection. */
const lineBytesMax = 64 * 1024 * 1024;

/** Calls that one client may have under way. */
export const callsMax = 64;

/** What one side sends, a JSON object a line. */
export type ClientMessage =
  | { readonly type: "hello"; readonly protocol: number; readonly version: string }
  | {
      readonly type: "call";
      readonly id: number;
      readonly method: string;
      readonly request: unknown;
    }
  | { readonly type: "cancel"; readonly id: number };

export type ServerMessage =
  | {
      readonly type: "welcome";
      readonly protocol: number;
      readonly version: string;
      readonly pid: number;
    }
  /** The engine is older than the client, and leaves so that a new one can take its place. */
  | { readonly type: "yield"; readonly version: string }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: WireError }
  | {
      readonly type: "progress";
      readonly id: number;
      readonly done: number;
      readonly total: number;
      readonly what: string;
    }
  | { readonly type: "change"; readonly change: BucketChange }
  /** What `captureState` answers may be another now. */
  | { readonly type: "state" };

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly candidates?: readonly string[];
}

export function toWireError(error: unknown): WireError {
  if (!(error instanceof OtError)) {
    return { code: "failed", message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, hint, candidates } = error;
  return { code, message, candidates, ...(hint === undefined ? {} : { hint }) };
}

export function fromWireError(error: WireError): OtError {
  const { message, hint, candidates } = error;
  const code = isErrorCode(error.code) ? error.code : "failed";
  return new OtError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(candidates === undefined ? {} : { candidates }),
  });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

export function sendMessage(socket: Socket, message: ClientMessage | ServerMessage): void {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/**
 * Calls back with each whole line that arrives, parsed; a line that is no JSON object, or longer
 * than {@link lineBytesMax}, destroys the socket.
 */
export function onMessages(
  socket: Socket,
  onMessage: (message: Record<string, unknown>) => void,
): void {
  let parts: Buffer[] = [];
  let sizeBytes = 0;
  socket.on("data", (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      const message = parsed(Buffer.concat(parts));
      parts = [];
      sizeBytes = 0;
      from = at + 1;
      if (message === null) return void socket.destroy();
      onMessage(message);
    }
    parts.push(chunk.subarray(from));
    sizeBytes += chunk.length - from;
    if (sizeBytes > lineBytesMax) socket.destroy();
  });
}

function parsed(line: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    // Safe: an object, and every member is looked at before it is used.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Negative if version `a` is older than `b`, by its numbers. */
export function compareVersions(a: string, b: string): number {
  const numbersOf = (text: string): number[] =>
    text.split(/[.+-]/).map((part) => Number(part) || 0);
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let at = 0; at < 3; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
