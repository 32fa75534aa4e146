import { type ErrorCode, errorCodes, OtError } from "../../base/errors.ts";
import type { Answer, Call } from "../command.ts";
import { commandTable } from "../command-table.ts";
import { overviewLines, specJson, verbLines } from "../render/help.ts";
import { columnsOf } from "../render/paper.ts";

/** `ot help`, `ot help <verb>`, `ot help errors`. */
export async function helpCommand({ args }: Call): Promise<Answer> {
  const topic = args.operands.join(" ");
  return topic === "errors" ? errorTable() : help(topic);
}

/** The help of all verbs for "", of one, or of those that begin with `verb`. Throws `usage`. */
export function help(verb: string): Answer {
  const exact = commandTable.filter((spec) => spec.verb === verb);
  const below = commandTable.filter((spec) => spec.verb.startsWith(`${verb} `));
  const specs = verb === "" ? commandTable : exact.length > 0 ? exact : below;
  const [first] = specs;
  if (first === undefined) {
    throw new OtError("usage", `There is no help for "${verb}".`, {
      hint: "ot help lists the verbs; ot help errors the error codes.",
    });
  }
  return {
    json: { commands: specs.map(specJson) },
    *lines(paper) {
      if (verb === "") return yield* overviewLines(commandTable);
      for (const [at, spec] of specs.entries()) {
        if (at > 0) yield "";
        yield* verbLines(spec, paper);
      }
      const more = exact.length > 0 ? below : [];
      if (more.length > 0) yield "";
      if (more.length > 0) yield `See also: ${more.map((spec) => `ot ${spec.verb}`).join(", ")}`;
    },
  };
}

export function versionAnswer(version: string): Answer {
  return {
    json: { version },
    *lines() {
      yield version;
    },
  };
}

const meanings: Readonly<Record<ErrorCode, string>> = {
  failed: "something went wrong that has no code of its own",
  cancelled: "it was stopped, by you or by a newer request",
  usage: "the call was wrong; the message says the right one",
  "not-ready": "what the question needs is not there yet",
  "setup-missing": "capture is not installed",
  "gate-blocked": "a secret or a personal detail would have left",
  "consent-missing": "nobody allowed this repository to be recorded",
  "no-repository": "the folder is in no git repository",
  "home-read-only": "the folder of opentraces cannot be written",
  "not-found": "no such session, step, file, line or revision",
  "ambiguous-trace": "several sessions begin like that; `candidates` lists them",
  "data-damaged": "a recorded file is not as it was written",
  busy: "another process has it; try again",
  "disk-full": "the disk is full; nothing recorded is lost",
  "limit-exceeded": "it is larger or slower than is allowed",
  "git-failed": "git said no",
  "git-missing": "git is not installed or not on PATH",
  "engine-unreachable": "the engine process does not answer",
  "version-mismatch": "two versions of opentraces met",
  "needs-person": "a person must decide",
};

function errorTable(): Answer {
  const errors = Object.entries(errorCodes).map(([code, exitCode]) => ({
    code,
    exitCode,
    // Safe: the keys of `errorCodes` are the codes.
    meaning: meanings[code as ErrorCode],
  }));
  return {
    json: { errors },
    *lines() {
      const rows = errors.map(({ code, exitCode, meaning }) => [code, String(exitCode), meaning]);
      yield* columnsOf([["error.code", "exit", "means"], ...rows], { right: [1] });
    },
  };
}
