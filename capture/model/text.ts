/** Longest text that stands inline in a record, in UTF-8 bytes; a longer one is a blob. */
export const inlineTextBytesMax = 16 * 1024;

/** Characters of a long text that stand beside its blob, for lists and search. */
export const headCharsMax = 2_000;

/** Text that lies in the session's `blobs/`, whole. */
export interface BlobText {
  /** sha256 of the gated bytes, lower-case hex. */
  readonly blob: string;
  readonly bytes: number;
  /** The first {@link headCharsMax} characters. */
  readonly head: string;
}

/** Text after gate 1. Nothing is ever cut: what is long is elsewhere, not shorter. */
export type Text = string | BlobText;

/** What can be shown at once: the text, or the head of a long one. */
export function textHead(text: Text): string {
  return typeof text === "string" ? text : text.head;
}
