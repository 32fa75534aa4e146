import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/**
 * Opens an agent's file for reading. What has no end or waits for a writer (a device, a pipe, also
 * behind a link) is refused like a folder is, with the code `EISDIR`, and never waited for.
 */
export async function openNative(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  throw Object.assign(new Error(`${path} is no regular file.`), { code: "EISDIR" });
}
