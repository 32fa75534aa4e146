import { expect, test } from "vitest";
import type { EventRecord, HookEvent, SnapshotCause } from "../../capture/model/events.ts";
import { traceIdOf } from "../../capture/model/ids.ts";
import { causeOf, type OwnedWindow } from "../../capture/trail/cause.ts";
import { normalisedLine } from "../../capture/trail/line-diff.ts";
import { type CallStep, type TimedWindow, windowsOf } from "../../capture/trail/windows.ts";

/** Events by short words: `pre c1 Bash`, `post c1`, `snap pre c1`, `stop`, `prompt`. */
function events(...words: readonly string[]): EventRecord[] {
  return words.map((word, seq) => {
    const [what = "", first = "", second = ""] = word.split(" ");
    const stamped = { seq, atMs: seq * 1_000 };
    if (what === "snap") return snapshot(stamped, first as SnapshotCause, second);
    const name =
      { pre: "PreToolUse", post: "PostToolUse", stop: "Stop", prompt: "UserPromptSubmit" }[what] ??
      what;
    return hook({
      ...stamped,
      name,
      callId: first === "" ? null : first,
      tool: second === "" ? null : second,
    });
  });
}

function hook(event: Partial<HookEvent> & { seq: number; atMs: number; name: string }): HookEvent {
  return {
    r: "hook",
    callId: null,
    agent: null,
    tool: null,
    paths: [],
    background: false,
    cwd: null,
    fields: {},
    spool: String(event.seq),
    ...event,
  };
}

function snapshot(
  stamped: { seq: number; atMs: number },
  cause: SnapshotCause,
  callId: string,
): EventRecord {
  return {
    ...stamped,
    r: "snapshot",
    id: "",
    tree: "",
    parent: null,
    base: null,
    worktree: "main",
    root: "/",
    cause,
    callId,
    skipped: [],
  };
}

const command = (callId: string): CallStep => ({
  agent: null,
  index: Number(callId.slice(1)),
  kind: "command",
  background: false,
  endedAtMs: null,
  git: null,
});

function check(words: readonly string[], expected: readonly string[]): void {
  const windows = windowsOf(events(...words), command);
  expect(windows.map(({ callId, from, to }) => `${callId} ${from}-${to}`)).toEqual(expected);
}

test("a window lasts from its own Pre snapshot to its own Post snapshot", () => {
  check(["snap pre c1", "pre c1 Bash", "snap post c1", "post c1"], ["c1 0-2"]);
});

test("without a Post event it ends at the next prompt or stop, and is open till then", () => {
  check(["pre c1 Bash", "stop"], ["c1 0-1"]);
  check(["pre c1 Bash", "prompt"], ["c1 0-1"]);
  check(["pre c1 Bash"], ["c1 0-Infinity"]);
});

test("parallel calls have windows of their own, by call id", () => {
  check(["pre c1 Bash", "pre c2 Bash", "post c2", "post c1"], ["c1 0-3", "c2 1-2"]);
});

test("the result in the transcript ends a window before a later stop does", () => {
  const ended = (callId: string): CallStep => ({ ...command(callId), endedAtMs: 1_500 });
  const [window] = windowsOf(events("pre c1 Bash", "other", "other", "stop"), ended);
  expect(window?.to).toBe(2);
});

test("a stop of the main agent leaves a sub-agent's window open; its own stop ends it", () => {
  const list = [
    hook({ seq: 0, atMs: 0, name: "PreToolUse", callId: "c1", agent: "x", tool: "Bash" }),
    hook({ seq: 1, atMs: 1, name: "Stop" }),
    hook({ seq: 2, atMs: 2, name: "SubagentStop", agent: "x" }),
  ];
  expect(windowsOf(list, command)[0]?.to).toBe(2);
});

test("what a call can touch follows from its step, or from its tool's name", () => {
  const reach = (tool: string, kind: CallStep["kind"] | null, paths: readonly string[] = []) => {
    const list = [hook({ seq: 0, atMs: 0, name: "PreToolUse", callId: "c1", tool, paths })];
    const step = kind === null ? null : { ...command("c1"), kind };
    return windowsOf(list, () => step)[0]?.reach;
  };
  expect(reach("Edit", null, ["a"])).toBe("named");
  expect(reach("Edit", "edit")).toBe("any");
  expect(reach("Read", null, ["a"])).toBe("none");
  expect(reach("Bash", "command")).toBe("any");
  expect(reach("mcp__x__y", "tool")).toBe("any");
  expect(reach("Task", "subagent")).toBe("container");
});

const trace = traceIdOf("claude-code", "aaaaaa-1");

function owned(
  window: Partial<TimedWindow>,
  reported: readonly string[] | null = null,
): OwnedWindow {
  const callId = window.callId ?? "c1";
  const whole: TimedWindow = {
    callId,
    agent: null,
    tool: "",
    paths: [],
    background: false,
    openSeq: 0,
    closeSeq: 1,
    reach: "any",
    step: command(callId),
    from: 0,
    to: 1,
    fromMs: 0,
    toMs: 1,
    isObserved: true,
    ...window,
  };
  return {
    trace,
    window: whole,
    reported: reported === null ? null : new Set(reported.map(normalisedLine)),
  };
}

function owner(
  windows: readonly OwnedWindow[],
  text = "new line",
  typed: readonly number[] = [],
): string {
  const editor = typed.map((line, seq) => ({
    r: "editor" as const,
    seq,
    atMs: 0,
    kind: "typed" as const,
    path: "a",
    ranges: [[line, line]] as const,
  }));
  const found = causeOf({ path: "a", windows, editor, drift: 0 })(text, 0);
  if (found === null) return "nobody";
  const { kind, step, candidates } = found.owner;
  const named = candidates.map(({ index }) => index).join(",");
  return [kind, step?.index ?? named, found.evidence].filter((word) => word !== "").join(" ");
}

const edit = (callId: string, reported: readonly string[] | null = null): OwnedWindow =>
  owned({ callId, reach: "named", paths: ["a"] }, reported);
const shell = (callId: string): OwnedWindow => owned({ callId });

test("a named path beats a shell, and says that it had to", () => {
  expect(owner([edit("c1")])).toBe("step 1 observed");
  expect(owner([edit("c1"), shell("c2")])).toBe("step 1 declared");
});

test("a lone shell takes the rest; two are candidates, and nobody is the owner", () => {
  expect(owner([shell("c1")])).toBe("step 1 observed");
  expect(owner([shell("c1"), shell("c2")])).toBe("unknown 1,2 none");
  expect(owner([owned({ callId: "c1", reach: "named", paths: ["b"] }), shell("c2")])).toBe(
    "step 2 observed",
  );
});

test("a command in the background is a candidate only, beside a shell and alone", () => {
  const background = owned({ callId: "c3", background: true });
  expect(owner([background])).toBe("unknown 3 none");
  expect(owner([shell("c1"), background])).toBe("unknown 1,3 none");
  expect(owner([edit("c1"), background])).toBe("step 1 declared");
});

test("outside of what the tool reported: the user if the editor saw it, else unknown", () => {
  expect(owner([edit("c1", ["new line"])], "new line")).toBe("step 1 observed");
  expect(owner([edit("c1", ["new  line"])], "new line")).toBe("step 1 observed");
  expect(owner([edit("c1", ["const a = b"])], "const a = b;")).toBe("step 1 observed");
  expect(owner([edit("c1", ["something else"])], "typed", [1])).toBe("human observed");
  expect(owner([edit("c1", ["something else"])], "not typed")).toBe("unknown 1 none");
});

test("a sub-agent's own windows come before the call that started it", () => {
  const task = owned({ callId: "c9", reach: "container" });
  expect(owner([task])).toBe("step 9 observed");
  expect(owner([task, shell("c1")])).toBe("step 1 observed");
});

test("between windows only the editor can tell", () => {
  expect(owner([], "typed", [1])).toBe("human observed");
  expect(owner([], "not typed", [7])).toBe("nobody");
});

test("while the transcript does not know the call yet, nobody is credited", () => {
  expect(owner([owned({ step: null })])).toBe("unknown none");
});
