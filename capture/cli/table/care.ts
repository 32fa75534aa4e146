import type { CommandSpec } from "../command.ts";

/** Verbs about opentraces itself. */
export const careCommands: readonly CommandSpec[] = [
  {
    verb: "status",
    group: "care",
    operands: "",
    operandsMin: 0,
    operandsMax: 0,
    options: [],
    summary: "says what is recorded here, and how well",
    about: [],
    examples: [["ot status", "this repository and this machine"]],
    streams: false,
    load: async () => (await import("../commands/status.ts")).status,
  },
  {
    verb: "doctor",
    group: "care",
    operands: "",
    operandsMin: 0,
    operandsMax: 0,
    options: [],
    summary: "checks more, and names the command that mends what is wrong",
    about: ["It changes nothing itself."],
    examples: [["ot doctor", "what is wrong, and what to do"]],
    streams: false,
    load: async () => (await import("../commands/status.ts")).doctor,
  },
  {
    verb: "help",
    group: "care",
    operands: "[VERB | errors]",
    operandsMin: 0,
    operandsMax: 3,
    options: [],
    summary: "explains a verb, or lists the error codes",
    about: [],
    examples: [
      ["ot help trace show", "one verb"],
      ["ot help errors", "the closed table of error codes"],
    ],
    streams: false,
    load: async () => (await import("../commands/help.ts")).helpCommand,
  },
];
