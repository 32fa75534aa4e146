import { expect, test } from "vitest";
import { BlockTexts, type KeptText } from "../../capture/harness/claude-code/block-texts.ts";

const textBytes = 200 * 1024;

test("A text stays what it is while it is held, and its memory is used again afterwards", () => {
  const texts = new BlockTexts();
  const held: { readonly text: KeptText; readonly fill: number }[] = [];
  const memories = new Set<ArrayBufferLike>();
  for (let fill = 0; fill < 200; fill += 1) {
    const text = texts.copy(Buffer.alloc(textBytes, fill));
    texts.hold(text);
    held.push({ text, fill });
    memories.add(text.bytes.buffer);
    if (held.length > 10) texts.letGo(held.shift()?.text ?? text);
    for (const kept of held) {
      expect(kept.text.bytes.equals(Buffer.alloc(textBytes, kept.fill))).toBe(true);
    }
  }
  expect(memories.size).toBeLessThan(6);
});

test("A long text lies by itself", () => {
  const texts = new BlockTexts();
  const text = texts.copy(Buffer.alloc(textBytes * 2, 1));
  expect(text.piece).toBeUndefined();
  texts.letGo(text);
  expect(text.bytes).toEqual(Buffer.alloc(textBytes * 2, 1));
});
