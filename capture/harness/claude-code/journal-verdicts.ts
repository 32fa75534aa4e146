import type { LineVerdict } from "../../model/session.ts";

/** `of` is the id of the request record; `ok` says whether its digest fits the rebuilt body. */
export const requestDigestCheck = "request-digest";

const messageCheck = "message-lines";

/**
 * Which lines hold a message that the journal names by its hash.
 *
 * Lines are counted back from the request's own line, so that the place holds in the gated source
 * as well, where the content may hash to something else.
 */
export interface MessagePlace {
  readonly hash: string;
  /** First and last line of the run, in lines before the request's. */
  readonly from: number;
  readonly to: number;
  /** Blocks from the run's beginning on: a run may have grown since. */
  readonly blocks: number;
}

export function messageVerdict({ hash, from, to, blocks }: MessagePlace): LineVerdict {
  return { check: messageCheck, of: `${hash}:${from}-${to}:${blocks}`, ok: true };
}

export function parseMessageVerdict({ check, of }: LineVerdict): MessagePlace | undefined {
  if (check !== messageCheck) return undefined;
  const [, hash, from, to, blocks] = /^([0-9a-f]{64}):(\d+)-(\d+):(\d+)$/.exec(of) ?? [];
  if (hash === undefined) return undefined;
  return { hash, from: Number(from), to: Number(to), blocks: Number(blocks) };
}
