/** Bytes read from a file at once while lines are looked for. */
export const chunkBytes = 256 * 1024;

/** A line up to this size is parsed whole; in a longer one, long strings are lifted out first. */
export const parsedLineBytesMax = 4 * 1024 * 1024;

/** In a line over {@link parsedLineBytesMax}, a JSON string over this is lifted to a blob. */
export const liftedStringBytesMin = 64 * 1024;

/** A line over this size is not kept: its place is marked and an issue says so. */
export const lineBytesMax = 72 * 1024 * 1024;

/** Lines are appended to a unit, and made durable, in batches of about this many raw bytes. */
export const batchBytes = 1024 * 1024;

/** A blob at least this long is compressed. */
export const compressedBlobBytesMin = 1024;

/** Hook payloads over this size are set aside as bad. */
export const hookBytesMax = 32 * 1024 * 1024;

/** Hook payloads that were set aside are kept up to this count and size, the newest of them. */
export const badHooksMax = 200;
export const badHookBytesMax = 32 * 1024 * 1024;

/** Bytes of the events that wait in the spool; beyond, the oldest are dropped and reported. */
export const spoolBytesMax = 512 * 1024 * 1024;

/** Events that wait in the spool beyond this count are dropped, oldest first, and reported. */
export const spoolFilesMax = 20_000;

/** A tool output that the agent wrote to a file of its own is taken in up to this size. */
export const attachmentBytesMax = 64 * 1024 * 1024;

/** File contents that a fold remembers, to chain edits whose `before` was not recorded. */
export const rememberedContentBytesMax = 8 * 1024 * 1024;

/** Units that are kept open for writing at once. */
export const openUnitsMax = 16;

/** Words and characters of a session title. */
export const titleCharsMax = 80;

/** Issues listed in one answer; the count goes on. */
export const listedIssuesMax = 1_000;
