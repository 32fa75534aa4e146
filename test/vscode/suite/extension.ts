import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import * as vscode from "vscode";

import type { Exports } from "../../../extension/extension.ts";
import { drawn, folder, lineOf, ourHover, until } from "./editor.ts";

const fixedLine = "return cents(sum * (1 - discountPercent / 100));";
const prompt = 'The test "total with 25% discount" fails in this repo.';

const extension = vscode.extensions.getExtension<Exports>("opentraces.opentraces");

async function openCart(): Promise<vscode.TextEditor> {
  const uri = vscode.Uri.joinPath(folder(), "src/cart.js");
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

suite("the extension", () => {
  test("is active after startup, and says how long its own part took", async () => {
    await until("activation", async () => (extension?.isActive === true ? true : undefined));
    const { activationMs, registrations } = extension?.exports ?? assert.fail("no exports");
    await until("the rest of it", async () => (registrations() >= 14 ? true : undefined));
    assert.ok(activationMs < 100, `activation took ${activationMs} ms`);
  });

  test("registers every command of its manifest and no other", async () => {
    const contributed: { command: string }[] = extension?.packageJSON.contributes.commands;
    const registered = await vscode.commands.getCommands(true);
    const views = /^opentraces\.(timeline|sessions)\./u;
    const ours = registered.filter((id) => id.startsWith("opentraces.") && !views.test(id));
    assert.deepEqual(ours.toSorted(), contributed.map(({ command }) => command).toSorted());
  });

  test("says on hover which prompt a line came from", async () => {
    const { document } = await openCart();
    const at = lineOf(document, fixedLine);
    const words = await until("the hover", async () => {
      const text = drawn(await ourHover(document, at));
      return text.includes("wrote this line") ? text : undefined;
    });
    assert.ok(words.includes(prompt), words);
    assert.ok(words.includes("Claude Code"), words);
  });

  test("lets a hover run its two commands and nothing else", async () => {
    const { document } = await openCart();
    const hover = await until("the hover", () => ourHover(document, lineOf(document, fixedLine)));
    assert.ok(hover instanceof vscode.MarkdownString);
    assert.deepEqual(hover.isTrusted, {
      enabledCommands: ["opentraces.openStep", "opentraces.openStepDiff"],
    });
    assert.equal(hover.supportHtml, false);
    assert.equal(hover.supportThemeIcons, false);
  });

  test("follows a line through text that is not saved", async () => {
    const editor = await openCart();
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "// one\n// two\n"));
    const { document } = editor;
    assert.ok(document.isDirty);
    const moved = await until("the hover of the moved line", async () => {
      const text = drawn(await ourHover(document, lineOf(document, fixedLine)));
      return text.includes(prompt) ? text : undefined;
    });
    assert.ok(moved.includes("wrote this line"));
    const fresh = drawn(await ourHover(document, lineOf(document, "// one")));
    assert.ok(!fresh.includes(prompt), `a line that was just typed is not the agent's: ${fresh}`);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  test("serves a file as it was before and after a step", async () => {
    const { document } = await openCart();
    const hover = await until("the hover", () => ourHover(document, lineOf(document, fixedLine)));
    const link = /command:opentraces\.openStepDiff\?([^)]*)/u.exec(drawn(hover))?.[1] ?? "";
    const [place] = JSON.parse(decodeURIComponent(link));
    const side = async (name: string) => {
      const uri = vscode.Uri.from({
        scheme: "opentraces",
        path: `/${place.trace}/${place.step}/${place.path}`,
        query: `side=${name}`,
      });
      return (await vscode.workspace.openTextDocument(uri)).getText();
    };
    const [before, after] = [await side("before"), await side("after")];
    assert.ok(after.includes(fixedLine), after);
    assert.ok(before !== "" && !before.includes(fixedLine), before);
  });

  test("opens a step's diff as a native diff", async () => {
    const { document } = await openCart();
    const hover = await until("the hover", () => ourHover(document, lineOf(document, fixedLine)));
    const link = /command:opentraces\.openStepDiff\?([^)]*)/u.exec(drawn(hover))?.[1] ?? "";
    const args: unknown[] = JSON.parse(decodeURIComponent(link));
    await vscode.commands.executeCommand("opentraces.openStepDiff", ...args);
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.equal(input.modified.scheme, "opentraces");
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  });

  test("refuses a place that is not one, and goes on", async () => {
    await vscode.commands.executeCommand("opentraces.openStep", { trace: 7 });
    await vscode.commands.executeCommand("opentraces.openStepDiff", "../../etc/passwd");
    assert.ok(extension?.isActive);
  });

  test("brings ot to integrated terminals", async () => {
    const out = path.join(folder().fsPath, "..", "ot-version.txt");
    const terminal = vscode.window.createTerminal({ name: "ot", shellPath: "/bin/sh" });
    terminal.sendText(`ot --version > '${out}.tmp' && mv '${out}.tmp' '${out}'`);
    await until("the version", async () => (existsSync(out) ? true : undefined));
    assert.equal(readFileSync(out, "utf8").trim(), extension?.packageJSON.version);
    terminal.dispose();
  });

  test("keeps nothing behind when settings change again and again", async () => {
    const count = () => extension?.exports.registrations();
    const before = count();
    const settings = vscode.workspace.getConfiguration("opentraces");
    const keys = ["gutter.enabled", "lineAnnotation.enabled", "hover.enabled"];
    for (const value of [false, undefined, false, undefined]) {
      for (const key of keys) {
        await settings.update(key, value, vscode.ConfigurationTarget.Global);
      }
    }
    assert.equal(count(), before);
  });

  test("says nothing on hover once that is turned off, until a person asks", async () => {
    const { document } = await openCart();
    const at = lineOf(document, fixedLine);
    const settings = vscode.workspace.getConfiguration("opentraces");
    await settings.update("hover.enabled", false, vscode.ConfigurationTarget.Global);
    assert.equal(await ourHover(document, at), undefined);
    await vscode.commands.executeCommand("opentraces.why");
    assert.ok(drawn(await ourHover(document, at)).includes(prompt));
    await settings.update("hover.enabled", undefined, vscode.ConfigurationTarget.Global);
  });
});
