const scratch = Buffer.allocUnsafeSlow(1024 * 1024);
const bytesPerCharMax = 3;

/**
 * A text in UTF-8, valid until the next call. It is for what is hashed and then forgotten: in
 * buffers of their own, texts would wait outside the heap for a collection that seldom comes.
 */
export function encoded(text: string): Buffer {
  if (text.length * bytesPerCharMax > scratch.length) return Buffer.from(text, "utf8");
  return scratch.subarray(0, scratch.write(text, 0, "utf8"));
}
