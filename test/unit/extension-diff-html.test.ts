// @vitest-environment happy-dom
import DOMPurify from "dompurify";
import { describe, expect, test } from "vitest";

import { diffHtml } from "../../extension/views/diff-html.ts";

function patchOf(path: string, removed: readonly string[], added: readonly string[]): string {
  return [
    `diff --git a/${path} b/${path}`,
    "index 1111111..2222222 100644",
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -1,${removed.length} +1,${added.length} @@`,
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    "",
  ].join("\n");
}

function drawn(patch: string): HTMLElement {
  const root = document.createElement("div");
  root.innerHTML = diffHtml(patch).html;
  return root;
}

describe("the diff in an expanded step", () => {
  test("marks what changed within a line", () => {
    const root = drawn(patchOf("src/cart.js", ["return sum - d;"], ["return sum * rest;"]));
    expect(root.querySelector(".d2h-del .d2h-code-line-ctn")?.textContent).toBe("return sum - d;");
    expect([...root.querySelectorAll("ins")].map((ins) => ins.textContent)).toContain("rest");
  });

  test("says of a hunk in which function it is, and nothing in numbers", () => {
    const patch = patchOf("a.js", ["one"], ["two"]);
    const placed = patch.replace("@@\n", "@@ function total() {\n");
    const heads = (text: string) =>
      [...drawn(text).querySelectorAll("td.d2h-info .d2h-code-line")].map((td) => td.textContent);
    expect(heads(patch)).toEqual([""]);
    expect(heads(placed)).toEqual(["function total() {"]);
  });

  test.each([
    ["an image", '<img src=x onerror="alert(1)">'],
    ["a script", "<script>alert(1)</script>"],
    ["a closed table", "</td></table><iframe srcdoc=x>"],
    ["a link", '<a href="command:workbench.action.quit">x</a>'],
    ["entities", "&lt;b&gt; &#60;i&#62;"],
  ])("shows %s as the text it is", (_, line) => {
    const root = drawn(patchOf(line, ["one"], [line]));
    expect(root.querySelector("img, script, iframe, a, b, i")).toBeNull();
    expect(root.querySelector(".d2h-ins .d2h-code-line-ctn")?.textContent).toBe(line);
    // What the page itself takes away once more changes nothing of the text.
    const clean = document.createElement("div");
    clean.innerHTML = DOMPurify.sanitize(root.innerHTML);
    expect(clean.textContent).toContain(line);
  });

  test("of a huge file is short, quick, and says how much is left out", () => {
    const lines = (word: string) => Array.from({ length: 30_000 }, (_, i) => `${word} ${i}`);
    const beforeMs = performance.now();
    const { html, moreLines } = diffHtml(patchOf("big.txt", lines("old"), lines("new")));
    expect(performance.now() - beforeMs).toBeLessThan(2_000);
    expect(html.length).toBeLessThan(500_000);
    expect(moreLines).toBeGreaterThan(59_000);
  });

  test("of one line of a megabyte is cut within the line", () => {
    const beforeMs = performance.now();
    const { html } = diffHtml(patchOf("min.js", ["a".repeat(1_000_000)], ["b".repeat(1_000_000)]));
    expect(performance.now() - beforeMs).toBeLessThan(1_000);
    expect(html).toContain("characters more");
    expect(html.length).toBeLessThan(20_000);
  });

  test("of many files shows the first ones", () => {
    const patch = Array.from({ length: 30 }, (_, i) => patchOf(`f${i}`, ["a"], ["b"])).join("");
    expect(diffHtml(patch)).toMatchObject({ files: 30, moreLines: 20 });
  });

  test.each([[""], ["not a patch"], ["@@ -1 +1 @@\n-a\n+b"], ["\u0000\u0001"]])(
    "of what is no patch is nothing: %j",
    (patch) => {
      expect(diffHtml(patch).html).toBe("");
    },
  );
});
