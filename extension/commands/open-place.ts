import * as vscode from "vscode";
import * as z from "zod";

import { OtError } from "../../capture/api.ts";
import { runWithProgress } from "../base/run.ts";
import { openStepDiff } from "../editor/open-step.ts";
import type { CommandDeps } from "./commands.ts";

const step = z.union([z.int().nonnegative(), z.string().max(200)]);
const Place = z.object({ trace: z.string().max(400), step, path: z.string().max(4_096).nullish() });
const SessionPlace = z.object({ trace: z.string().max(400) });

export async function showSession(deps: CommandDeps, argument: unknown): Promise<void> {
  deps.timeline.show(parse(SessionPlace, argument).trace);
  await vscode.commands.executeCommand("opentraces.timeline.focus");
}

export async function openStep(deps: CommandDeps, argument: unknown): Promise<void> {
  const place = parse(Place, argument);
  await deps.timeline.reveal(place.trace, place.step);
}

export async function openDiff(deps: CommandDeps, argument: unknown): Promise<void> {
  const place = parse(Place, argument);
  await runWithProgress("Opening the diff", deps.log, async (op) =>
    openStepDiff(op, await deps.engine.get(), { ...place, path: place.path ?? null }),
  );
}

function parse<T>(schema: z.ZodType<T>, argument: unknown): T {
  const parsed = schema.safeParse(argument);
  if (parsed.success) return parsed.data;
  throw new OtError("usage", "This command is run from the timeline or a hover, with a step.");
}
