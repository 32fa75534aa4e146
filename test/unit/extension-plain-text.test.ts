import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { inertText, markdownOf, visibleText } from "../../extension/base/plain-text.ts";

describe("text from elsewhere", () => {
  test("shows control characters instead of obeying them", () => {
    expect(visibleText("\u001b[31mred\u001b[0m\u0007\u007f\u009b")).toBe("␛[31mred␛[0m␇␡\ufffd");
    expect(visibleText("two\r\nlines\tand a tab")).toBe("two\nlines\tand a tab");
  });

  test("cannot turn the direction of what follows it", () => {
    expect(visibleText("a\u202eb\u2066c")).toBe("a\ufffdb\ufffdc");
  });

  test("keeps emoji and other scripts whole", () => {
    expect(visibleText("👩‍🚀 नमस्ते")).toBe("👩‍🚀 नमस्ते");
  });

  test("draws no icon and follows no link where VS Code reads labels and messages", () => {
    const text = inertText("$(bug) [run](command:workbench.action.quit)");
    expect(text).not.toContain("$(");
    expect(text).not.toContain("](");
    expect(text.replaceAll("\u200b", "")).toBe("$(bug) [run](command:workbench.action.quit)");
  });
});

describe("text as Markdown", () => {
  test.each([
    ["[x](command:opentraces.openStep)"],
    ["<img src=x onerror=alert(1)>"],
    ["https://example.com www.example.com mail@example.com"],
    ["**bold** _em_ `code` ~~gone~~ | a | b |"],
    ["# title"],
    ["1. one"],
    ["$(bug) &amp; &#60;"],
  ])("is only words: %s", (text) => {
    expect(markdownOf(text).replaceAll(/&#\d+;|&nbsp;/gu, "")).toMatch(/^[\p{L}\p{N} ]*$/u);
  });

  test("gives back exactly what was written, once it is drawn", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const drawn = markdownOf(text)
          .replaceAll("&nbsp;", " ")
          .replaceAll(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)));
        expect(drawn).toBe(visibleText(text).replaceAll("\n", " ").replaceAll("\t", "    "));
      }),
    );
  });

  test("does not become a code block by its indent", () => {
    expect(markdownOf("    four")).toBe("&nbsp;&nbsp;&nbsp;&nbsp;four");
  });
});
