import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";

import {
  openContainer,
  openFile,
  openWorkbench,
  hoverLineFor,
  webviewFrame,
} from "../vscode/host/workbench.ts";
import { makeSample, playSample, removeSample } from "./sample.mjs";
import { say } from "./say.mjs";

const fixedLine = "return cents(sum * (1 - discountPercent / 100));";
const prompt = 'The test "total with 25% discount" fails in this repo. Please fix it.';

/**
 * Plays the sample session, opens it in a real VS Code and looks at it as a person would.
 *
 * @param {string} folder Takes timeline.png, hover.png and diff.png; made if it is missing.
 * @returns {Promise<number>} 1 when something that must be there is not.
 */
export async function checkSample(folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of ["failed.png", "failed.log"]) rmSync(path.join(folder, name), { force: true });
  say("Playing the recorded session into a sample repository ...");
  const sample = await makeSample("simple-fix");
  try {
    await playSample(sample);
    say("Opening it in VS Code ...");
    const workbench = await openWorkbench({ folder: sample.repository, env: sample.env });
    try {
      await look(workbench.page, folder);
    } catch (error) {
      await workbench.page.screenshot({ path: path.join(folder, "failed.png") });
      copyFileSync(workbench.server.logFile, path.join(folder, "failed.log"));
      throw error;
    } finally {
      await workbench.close();
    }
    if (workbench.foreignHosts.size > 0) {
      throw new Error(`The window asked for ${[...workbench.foreignHosts].join(", ")}.`);
    }
  } finally {
    removeSample(sample);
  }
  say(`Timeline, hover and diff are as they should be; pictures are in ${folder}.`);
  return 0;
}

async function look(page, folder) {
  await openContainer(page, "opentraces");
  const timeline = await webviewFrame(page, ".card");
  await expectText(timeline.locator(".card").first(), prompt);
  await expectText(timeline.locator(".line.commit").first(), "added lines from this session");
  await page.screenshot({ path: path.join(folder, "timeline.png") });

  await openFile(page, "src/cart.js");
  const hover = await hoverLineFor(page, fixedLine, "wrote this line");
  await expectText(hover, prompt);
  await page.screenshot({ path: path.join(folder, "hover.png") });
  await page.mouse.move(2, 2);

  const edit = timeline.locator(".line.step", { hasText: "src/cart.js" }).last();
  await edit.click();
  await page.keyboard.press("Enter");
  await page
    .locator(".monaco-diff-editor .view-line", { hasText: "discountPercent" })
    .first()
    .waitFor();
  await page.screenshot({ path: path.join(folder, "diff.png") });
}

async function expectText(locator, text) {
  await locator.waitFor();
  const seen = await locator.innerText();
  if (flat(seen).includes(flat(text))) return;
  throw new Error(`Expected to read "${text}", but it says "${seen}".`);
}

function flat(text) {
  return text.replaceAll(/\s+/gu, " ");
}
