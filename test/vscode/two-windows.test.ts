import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { recordedGit } from "../support/fixture-repository.mjs";
import { writeLongSession } from "../support/long-session.ts";
import { replay } from "../support/replay.mjs";
import { makeSample, removeSample } from "../support/sample.mjs";
import { sayMore } from "../support/say-more.ts";
import {
  hoverLineFor,
  openContainer,
  openFile,
  openWorkbench,
  screenshot,
  webviewFrame,
  type Workbench,
} from "./host/workbench.ts";

type Sample = Awaited<ReturnType<typeof makeSample>>;

const fixedLine = "return cents(sum * (1 - discountPercent / 100));";
const prompt = 'The test "total with 25% discount" fails in this repo. Please fix it.';

describe("two windows on a repository, one elsewhere, and a command line at once", () => {
  let sample: Sample;
  let workbench: Workbench;
  let elsewhere = "";
  let here: readonly Page[] = [];
  let there: Page | undefined;

  beforeAll(async () => {
    sample = await makeSample("simple-fix");
    elsewhere = path.join(sample.folder, "elsewhere");
    mkdirSync(elsewhere);
    // Without the history of the other one: a clone of it would be the same repository.
    recordedGit(elsewhere, ["init", "-q"]);
    const { repository: folder, env } = sample;
    workbench = await openWorkbench({ folder, env });
    here = [workbench.page];
  });
  afterAll(async () => {
    await workbench?.close();
    if (sample !== undefined) removeSample(sample);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    for (const [i, page] of openPages().entries())
      await screenshot(page, `failed-two-windows-${i}`);
  });

  const openPages = () =>
    [...here, ...(there === undefined ? [] : [there])].filter((page) => !page.isClosed());
  const timelines = () => Promise.all(here.map((page) => webviewFrame(page, ".card")));

  test("both open on a repository that has no session yet", async () => {
    here = [workbench.page, await workbench.openWindow(sample.repository)];
    for (const page of here) {
      await openContainer(page, "opentraces");
      const frame = await webviewFrame(page, ".empty h2");
      expect(await frame.locator(".empty h2").innerText()).toBe("No session here yet");
    }
  });

  test("both show a session while it runs, and nothing of it is lost or twice", async () => {
    const { repository, configFolder, env, fixture } = sample;
    const kinds = fixture.schedule.map(({ kind }: { kind: string }) => kind);
    const afterEdit = fixture.schedule[kinds.indexOf("edit") + 3];
    const asking = askAgainAndAgain(sample);
    const play = replay(fixture.schedule, {
      repository,
      configFolder,
      env,
      onItem: async (item) => {
        if (item !== afterEdit) return;
        for (const frame of await timelines()) {
          await frame.locator(".line.step", { hasText: "src/cart.js" }).last().waitFor();
        }
      },
    });
    const [played, rounds] = await Promise.all([play.finally(asking.stop), asking.rounds]);
    expect(rounds).toBeGreaterThan(0);
    await sample.ot("import");
    expect(linesTakenIn(sample)).toEqual(linesWritten(configFolder));
    expect(hooksTakenIn(sample)).toBe(played.hookRuns);
  });

  test("both show the same in the end, and know whose a line is", async () => {
    const rows = (await timelines()).map(async (frame) => {
      await frame.locator(".line.commit").waitFor();
      await frame.locator(".outcome", { hasText: "tests green" }).waitFor();
      return frame.locator(".card, .line, .outcome").allInnerTexts();
    });
    const [one, other] = await Promise.all(rows);
    expect(one).toContainEqual(expect.stringContaining("CHANGELOG.md"));
    expect(other).toEqual(one);
    for (const page of here) {
      await openFile(page, "src/cart.js");
      const hover = await hoverLineFor(page, fixedLine, "wrote this line");
      expect(await hover.innerText()).toContain(prompt);
    }
  });

  test("a third one elsewhere shows what happened in its own folder, and only that", async () => {
    there = await workbench.openWindow(elsewhere);
    await openContainer(there, "opentraces");
    await webviewFrame(there, ".empty h2");
    writeLongSession({ configFolder: sample.configFolder, repository: elsewhere }, 2);
    await sample.ot("import");
    const frame = await webviewFrame(there, ".card");
    await frame.locator(".card", { hasText: "Look at part 2" }).waitFor();
    for (const other of await timelines()) expect(await other.locator(".card").count()).toBe(1);
    await screenshot(there, "third-window");
  });

  test("one engine serves them all, and nobody was told of an error", async () => {
    expect(enginesStarted(sample)).toHaveLength(1);
    for (const page of openPages()) await expectNoNotification(page);
  });

  test("one window closes, and the others go on", async () => {
    // With the page's own word to say, closing is only begun by the call.
    const closed = workbench.page.waitForEvent("close");
    await workbench.page.close({ runBeforeUnload: true });
    await closed;
    const [, left] = here;
    if (left === undefined) throw new Error("There is no second window.");
    sayMore(sample, "Now round to cents.");
    const frame = await webviewFrame(left, ".card");
    await frame.locator(".card", { hasText: "Now round to cents." }).waitFor();
    expect(enginesStarted(sample)).toHaveLength(1);
    for (const page of openPages()) await expectNoNotification(page);
    expect([...workbench.foreignHosts]).toEqual([]);
  });
});

/** Runs verbs of the command line, several at once and again and again, until it is stopped. */
function askAgainAndAgain({ ot }: Sample) {
  let isStopped = false;
  const ask = async () => {
    let rounds = 0;
    for (; !isStopped; rounds += 1) {
      await Promise.all([ot("import"), ot("trace", "list"), ot("why", "src/cart.js:9")]);
    }
    return rounds;
  };
  return { stop: () => (isStopped = true), rounds: ask() };
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

function filesBelow(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => name.test(file))
    .map((file) => path.join(folder, file));
}

/** How many lines each transcript has. */
function linesWritten(configFolder: string): number[] {
  const files = filesBelow(path.join(configFolder, "projects"), /\.jsonl$/u);
  return files.map((file) => linesOf(file).length);
}

/** The folder of the only session in the bucket. */
function unitOf({ env }: Sample): string {
  const [file, ...more] = filesBelow(
    path.join(env["OPENTRACES_HOME"] ?? "", "bucket"),
    /session\.json$/u,
  );
  expect(more).toEqual([]);
  return path.dirname(file ?? "");
}

function linesTakenIn(sample: Sample): number[] {
  return filesBelow(unitOf(sample), /^source.*\.jsonl$/u).map((file) => linesOf(file).length);
}

function hooksTakenIn(sample: Sample): number {
  const events = linesOf(path.join(unitOf(sample), "events.jsonl"));
  return events.filter((line) => JSON.parse(line).r === "hook").length;
}

/** The greetings that engines of this home wrote into their log. */
function enginesStarted({ env }: Sample): string[] {
  const log = linesOf(path.join(env["OPENTRACES_HOME"] ?? "", "engine/log"));
  return log.filter((line) => line.includes('"engine.started"'));
}

/** Neither now nor before: what was told stays in the list behind the bell. */
async function expectNoNotification(page: Page): Promise<void> {
  expect(await page.locator(".notification-toast").count()).toBe(0);
  const bell = page.locator("[id='status.notifications']");
  expect(await bell.locator(".codicon-bell").count()).toBe(1);
  expect(await bell.locator(".codicon-bell-dot").count()).toBe(0);
}
