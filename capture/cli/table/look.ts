import type { CommandSpec } from "../command.ts";

/** Verbs that show what was recorded. */
export const lookCommands: readonly CommandSpec[] = [
  {
    verb: "trace list",
    group: "look",
    operands: "",
    operandsMin: 0,
    operandsMax: 0,
    options: [
      { name: "repo", value: "DIR", what: "only sessions of this repository" },
      { name: "since", value: "TIME", what: "only later ones: 2h, 7d, or 2026-11-24T15:42Z" },
      { name: "limit", value: "N", what: "at most so many (at a terminal: 30)" },
    ],
    summary: "lists sessions, newest first",
    about: ["The first column names a session in every other verb; six letters of it are enough."],
    examples: [
      ["ot trace list --repo .", "sessions of this repository"],
      ["ot trace list --since 2h --json", "the last two hours, for a program"],
    ],
    streams: true,
    load: async () => (await import("../commands/trace-list.ts")).traceList,
  },
  {
    verb: "trace show",
    group: "look",
    operands: "<trace>[:STEPS]",
    operandsMin: 1,
    operandsMax: 1,
    options: [{ name: "full", what: "long texts whole, instead of their beginning" }],
    summary: "shows a session's timeline, or one step whole",
    about: [
      "STEPS is a number, A-B, or last. A sub-agent's steps are <trace>/<agent>:<n>.",
      "Steps count from 0, as in the editor.",
    ],
    examples: [
      ["ot trace show 3f2a9c", "the timeline, prompts as headlines"],
      ["ot trace show 3f2a9c:4 --full", "step 4 with its whole output"],
      ["ot trace show 3f2a9c:10-20 --jsonl", "eleven steps, one JSON object a line"],
    ],
    streams: true,
    load: async () => (await import("../commands/trace-show.ts")).traceShow,
  },
];
