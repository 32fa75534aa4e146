// @vitest-environment happy-dom
import "../support/plain-elements.ts";

import {
  act,
  cleanup,
  configure,
  fireEvent,
  render,
  screen,
  waitFor,
} from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test } from "vitest";

import { Timeline } from "../../webview/apps/timeline/timeline.tsx";
import type { EmptyState, TimelineRow } from "../../webview/protocol/timeline.ts";
import {
  type FakeHost,
  fakeHost,
  type FakeOptions,
  foldRow,
  stepRow,
  turnRow,
} from "../support/fake-timeline-host.ts";

const listPx = 480;
const rowPx = 24;

beforeAll(() => {
  // Nothing is laid out here; the list needs to know how much of it is in view.
  const heightOf = { configurable: true, get: height };
  const scrollHeight = { configurable: true, get: innerHeight };
  const all = { offsetHeight: heightOf, clientHeight: heightOf, scrollHeight };
  Object.defineProperties(HTMLElement.prototype, all);
});

function height(this: HTMLElement): number {
  return this.className === "scroller" ? listPx : rowPx;
}

function innerHeight(this: HTMLElement): number {
  return Number.parseFloat(this.querySelector<HTMLElement>(".rows")?.style.height ?? "0");
}

// A machine that has other things to do needs longer than a second.
configure({ asyncUtilTimeout: 10_000 });

afterEach(cleanup);

const session: readonly TimelineRow[] = [
  turnRow(0, "The discount test fails. Please fix it."),
  stepRow(1, "npm test", { failed: true, exitCode: 1 }),
  foldRow("f1", [
    stepRow(2, "src/cart.js", { kind: "read", path: "src/cart.js" }),
    stepRow(3, "config/dev.env", { kind: "read", path: "config/dev.env", redactions: 2 }),
  ]),
  stepRow(4, "src/cart.js", {
    kind: "edit",
    path: "src/cart.js",
    added: 3,
    deleted: 1,
    fate: "alive",
  }),
  turnRow(1, "Commit it."),
  stepRow(101, "git commit", { exitCode: 0 }),
];

async function open(
  rows: Parameters<typeof fakeHost>[0] = session,
  options: FakeOptions = {},
): Promise<FakeHost> {
  const fake = fakeHost(rows, options);
  render(<Timeline host={fake.host} />);
  await screen.findAllByRole("treeitem");
  return fake;
}

const list = () => screen.getByRole("tree");
const press = (...keys: string[]) => {
  for (const key of keys) fireEvent.keyDown(list(), { key });
};
const names = () => screen.getAllByRole("treeitem").map((item) => item.getAttribute("aria-label"));
const selected = () =>
  screen.getAllByRole("treeitem").find((item) => item.getAttribute("aria-selected") === "true");
const last = (fake: FakeHost) => fake.asked.at(-1);

describe("without a session the view says why, and offers what helps", () => {
  const cases: readonly (readonly [EmptyState, string, string])[] = [
    ["no-folder", "No folder is open", "openFolder"],
    ["no-repository", "This folder is not a Git repository", "initRepository"],
    ["bare-repository", "This repository has no working tree", "openFolder"],
    ["unasked", "Record agent sessions in this repository?", "setUpCapture"],
    ["no-session", "No session here yet", "importSessions"],
    ["paused", "Capture is paused for this repository", "resumeCapture"],
    ["excluded", "This repository is not recorded", "setUpCapture"],
    ["engine-failed", "The engine did not start", "retry"],
  ];
  test.each(cases)("%s", async (why, title, action) => {
    const fake = fakeHost({ why, message: null });
    const { container } = render(<Timeline host={fake.host} />);
    await screen.findByText(title);
    const button = container.querySelector("vscode-button");
    expect(button).not.toBeNull();
    if (button !== null) fireEvent.click(button);
    expect(last(fake)).toEqual({ method: "run", params: { action } });
  });

  test("the engine's own words take the place of ours", async () => {
    const fake = fakeHost({ why: "engine-failed", message: "The folder is read-only." });
    render(<Timeline host={fake.host} />);
    await screen.findByText("The folder is read-only.");
  });
});

test("a screen reader hears of each row what the eye takes from icon and colour", async () => {
  await open();
  expect(names()).toEqual([
    "Prompt 1: The discount test fails. Please fix it., 3 steps",
    "Command npm test, exit 1",
    "Read 2 files src/cart.js, config/dev.env",
    "Edit src/cart.js, 3 lines added, 1 removed, All lines alive",
    "Prompt 2: Commit it., 3 steps",
    "Command git commit, exit 0",
  ]);
});

describe("from the keyboard", () => {
  test("arrows go by step and by turn, and stop at the ends", async () => {
    await open();
    press("ArrowDown", "ArrowDown");
    expect(selected()?.textContent).toContain("Read 2 files");
    press("ArrowRight");
    expect(selected()?.textContent).toContain("Commit it.");
    press("ArrowLeft");
    expect(selected()?.textContent).toContain("Please fix it.");
    press("End", "ArrowDown");
    expect(selected()?.textContent).toContain("git commit");
    expect(list().getAttribute("aria-activedescendant")).toBe(selected()?.id);
  });

  test("Space expands a step in place, and again closes it", async () => {
    await open();
    press("ArrowDown", " ");
    await screen.findByText("said");
    press(" ");
    expect(screen.queryByText("said")).toBeNull();
  });

  test("Enter opens an edit and a read, and expands what cannot be opened", async () => {
    const fake = await open();
    press("ArrowDown", "Enter");
    await screen.findByText("said");
    press("ArrowDown", " ", "ArrowDown", "Enter");
    expect(last(fake)).toEqual({ method: "openFile", params: { path: "src/cart.js", line: null } });
    press("ArrowDown", "ArrowDown", "Enter");
    const diff = { trace: "claude-code:one", step: 4, path: "src/cart.js" };
    expect(last(fake)).toEqual({ method: "openDiff", params: diff });
    press("d");
    expect(fake.asked.filter(({ method }) => method === "openDiff")).toHaveLength(2);
  });

  test("a slash searches, and Escape gives everything and the focus back", async () => {
    const fake = await open();
    list().focus();
    press("/");
    const field = await screen.findByLabelText("Search prompts, paths, commands");
    fireEvent.keyDown(field, { key: "Escape" });
    expect(screen.queryByLabelText("Search prompts, paths, commands")).toBeNull();
    expect(document.activeElement).toBe(list());
    expect(last(fake)?.method).toBe("start");
  });

  test("keys with a modifier are left to VS Code", async () => {
    const fake = await open();
    const before = fake.asked.length;
    fireEvent.keyDown(list(), { key: "d", ctrlKey: true });
    fireEvent.keyDown(list(), { key: "Enter", metaKey: true });
    expect(fake.asked.length).toBe(before);
  });
});

describe("with the mouse", () => {
  test("a click expands in place and a double click opens, without closing it", async () => {
    const fake = await open();
    const edit = screen.getByLabelText(/^Edit/);
    fireEvent.click(edit, { detail: 1 });
    await screen.findByText("+ one line");
    fireEvent.click(edit, { detail: 2 });
    fireEvent.doubleClick(edit);
    expect(screen.queryByText("+ one line")).not.toBeNull();
    expect(last(fake)?.method).toBe("openDiff");
  });

  test("a path gives way in its folders, and is whole for who asks", async () => {
    await open();
    const label = screen.getByLabelText(/^Edit/).querySelector(".label");
    expect(label?.querySelector(".folders")?.textContent).toBe("src/");
    expect(label?.textContent).toBe("src/cart.js");
    expect(label?.getAttribute("title")).toBe("src/cart.js");
  });

  test("text of a step is text: no markup in it becomes an element", async () => {
    await open();
    fireEvent.click(screen.getByLabelText(/^Command npm test/), { detail: 1 });
    const output = await screen.findByText(/not ok 1/);
    expect(output.textContent).toContain("<b>bold</b>");
    expect(output.querySelector("b")).toBeNull();
  });

  test("a group shows its steps", async () => {
    await open();
    fireEvent.click(screen.getByLabelText(/^Read 2 files/), { detail: 1 });
    expect(names()).toContain("Read config/dev.env, 2 secrets replaced");
  });
});

describe("a filter", () => {
  test("is a group of radio buttons that arrows move in", async () => {
    const fake = await open();
    const all = screen.getByRole("radio", { name: "All" });
    fireEvent.keyDown(all, { key: "ArrowRight" });
    await waitFor(() => expect(names()).not.toContain("Command npm test, exit 1"));
    expect(screen.getByRole("radio", { name: /Edits/ }).getAttribute("aria-checked")).toBe("true");
    expect(last(fake)?.params).toMatchObject({ filter: "edits" });
  });

  test("survives the hidden view and the window, as does the place in the session", async () => {
    const fake = await open();
    press("ArrowDown", "ArrowDown", " ");
    // At once, before the list has come to rest: what was on its way is saved all the same.
    fireEvent.click(screen.getByRole("radio", { name: /Failed/ }));
    const expected = { view: { filter: "failed" }, place: { cursor: { row: 2 } } };
    await waitFor(() => expect(fake.saved()).toMatchObject(expected));
    cleanup();

    await open(session, { saved: fake.saved() });
    expect(screen.getByRole("radio", { name: /Failed/ }).getAttribute("aria-checked")).toBe("true");
    fireEvent.click(screen.getByRole("radio", { name: "All" }));
    await waitFor(() => expect(selected()?.textContent).toContain("Read 2 files"));
    expect(names()).toContain("Read config/dev.env, 2 secrets replaced");
  });

  test.each([
    [null],
    ["text"],
    [{ view: 7, place: [] }],
    [{ view: { filter: "rm" }, place: { trace: 1 } }],
  ])("is not disturbed by a saved state of another kind: %j", async (saved) => {
    await open(session, { saved });
    expect(names()).toHaveLength(session.length);
  });

  test("says so when nothing matches", async () => {
    const fake = fakeHost([], {});
    render(<Timeline host={fake.host} />);
    await screen.findByText("No step matches.");
  });
});

describe("a live session", () => {
  const steps = (count: number) => [
    turnRow(0, "Go on."),
    ...Array.from({ length: count }, (_, i) => stepRow(i + 1, `echo ${i + 1}`)),
  ];
  const scrollTo = (top: number) => {
    list().scrollTop = top;
    fireEvent.scroll(list());
  };

  test("counts what is new for a reader elsewhere, and goes there on request", async () => {
    const fake = await open(steps(100), { head: { live: true } });
    scrollTo(1_900);
    scrollTo(200);
    act(() => fake.show(steps(103)));
    const pill = await screen.findByText("3 new steps ↓");
    fireEvent.click(pill);
    expect(screen.queryByText(/new steps/)).toBeNull();
  });

  test("does not bother a reader at its end", async () => {
    const fake = await open(steps(100), { head: { live: true } });
    scrollTo(101 * rowPx - listPx);
    const before = fake.asked.length;
    act(() => fake.show(steps(103)));
    await waitFor(() => expect(fake.asked.length).toBeGreaterThan(before));
    expect(screen.queryByText(/new step/)).toBeNull();
  });

  test("has nothing new for a reader who sees all of it", async () => {
    const fake = await open(steps(3));
    act(() => fake.show(steps(7)));
    await screen.findByLabelText("Command echo 7");
    expect(screen.queryByText(/new step/)).toBeNull();
  });

  test("announces a new prompt, and not a filter that shows fewer", async () => {
    const fake = await open(steps(3), { head: { live: true } });
    act(() => fake.show([...steps(3), turnRow(1, "And now this.")]));
    await screen.findByText("Prompt 2 was sent");
    fireEvent.click(screen.getByRole("radio", { name: /Failed/ }));
    fireEvent.click(screen.getByRole("radio", { name: "All" }));
    expect(screen.queryByText("Prompt 3 was sent")).toBeNull();
  });

  test("that changes all the time is still answered", async () => {
    const fake = await open(steps(3), { head: { live: true } });
    for (let i = 4; i < 25; i++) act(() => fake.show(steps(i)));
    await screen.findByLabelText("Command echo 24");
    expect(fake.asked.filter(({ method }) => method === "start").length).toBeLessThan(10);
  });

  test("a running step says for how long", async () => {
    const running = stepRow(1, "npm run lint", { running: true, atMs: Date.now() - 3_100 });
    await open([turnRow(0, "Lint."), running], { head: { live: true } });
    expect(screen.getByLabelText(/npm run lint/).textContent).toContain("running 3 s");
  });
});

describe("a step that is asked for elsewhere", () => {
  test("is selected, its group opened, and the host told once", async () => {
    const fake = await open();
    act(() => fake.reveal({ serial: 7, row: 2, child: 1 }));
    await waitFor(() => expect(selected()?.textContent).toContain("config/dev.env"));
    act(() => fake.show(session));
    await waitFor(() => expect(last(fake)?.params).toMatchObject({ revealed: 7 }));
    press("Home");
    act(() => fake.show(session));
    await waitFor(() => expect(selected()?.textContent).toContain("Please fix it."));
  });

  test("takes away a filter that hides it", async () => {
    const fake = await open();
    fireEvent.click(screen.getByRole("radio", { name: /Failed/ }));
    await waitFor(() => expect(names()).toHaveLength(3));
    act(() => fake.reveal({ serial: 8, row: null, child: -1 }));
    await waitFor(() => expect(names()).toHaveLength(session.length));
  });
});

test("100,000 steps put no more rows on the page than are in view", async () => {
  const many = Array.from({ length: 100_000 }, (_, i) => stepRow(i, `echo ${i}`));
  await open(many);
  expect(screen.getAllByRole("treeitem").length).toBeLessThan(60);
  const before = performance.now();
  press("End");
  // A simulated page tells nobody that it was scrolled.
  fireEvent.scroll(list());
  await screen.findByLabelText("Command echo 99999");
  expect(performance.now() - before).toBeLessThan(2_000);
});

test("rows that could not be had are asked for again", async () => {
  const fake = fakeHost(session, {});
  fake.failRows(1);
  render(<Timeline host={fake.host} />);
  await screen.findByLabelText("Command npm test, exit 1");
});

test("a failure is said, and can be tried again", async () => {
  const fake = await open();
  act(() => fake.fail("The disk is full."));
  await screen.findByText("The disk is full.");
  act(() => fake.fail(null));
  await screen.findByLabelText("Command npm test, exit 1");
});
