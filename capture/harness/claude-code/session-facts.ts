import type { Environment } from "../../model/environment.ts";
import type { SessionFacts } from "../../model/trace.ts";
import type { AssistantLine, TranscriptLine } from "./lines.ts";
import { TitleLine } from "./lines.ts";
import type { StepFold } from "./step-fold.ts";

/** Says what a file tells of its session, each thing once and again where it changes. */
export class FactsFold {
  readonly #steps: StepFold;
  #facts: SessionFacts = {};
  #isTitleTyped = false;

  constructor(steps: StepFold) {
    this.#steps = steps;
  }

  transcript(line: TranscriptLine): void {
    const known = this.#facts;
    const fork = line.forkedFrom?.sessionId;
    const gitBranch = line.gitBranch === "" ? undefined : line.gitBranch;
    if (
      (line.version === undefined || line.version === known.clientVersion) &&
      (gitBranch === undefined || gitBranch === known.gitBranch) &&
      known.cwd !== undefined &&
      known.entrypoint !== undefined &&
      (fork === undefined || fork === known.forkOf)
    ) {
      return;
    }
    this.#add({
      // A session belongs where it began; that it changed folder later does not move it.
      ...(known.cwd === undefined ? { cwd: line.cwd } : {}),
      ...(known.entrypoint === undefined ? { entrypoint: line.entrypoint } : {}),
      gitBranch,
      clientVersion: line.version,
      forkOf: fork,
    });
  }

  response(line: AssistantLine, model: string | null): void {
    const models = this.#facts.models ?? [];
    const isNew = model !== null && !models.includes(model);
    if (!isNew && !isForeign(line)) return;
    this.#add({
      models: isNew ? [...models, model] : undefined,
      forkOf: isForeign(line) ? line.requestSessionId : undefined,
    });
  }

  /** A title that a person typed stands against one that the client made up. */
  title(record: unknown): void {
    const line = TitleLine.safeParse(record);
    if (!line.success) return;
    const { type, customTitle, aiTitle, title } = line.data;
    const words = customTitle ?? aiTitle ?? title;
    if (words === undefined || (type === "ai-title" && this.#isTitleTyped)) return;
    this.#isTitleTyped = type === "custom-title";
    this.#add({ title: words });
  }

  environment(environment: Environment | undefined): void {
    if (environment !== undefined) this.#steps.addFacts({ environment });
  }

  #add(facts: { readonly [Key in keyof SessionFacts]?: SessionFacts[Key] | undefined }): void {
    const known = new Map<string, unknown>(Object.entries(this.#facts));
    const news = Object.entries(facts).filter(
      ([key, value]) => value !== undefined && known.get(key) !== value,
    );
    if (news.length === 0) return;
    // Safe: the entries are those of a SessionFacts without its undefined members.
    const added = Object.fromEntries(news) as SessionFacts;
    this.#facts = { ...this.#facts, ...added };
    this.#steps.addFacts(added);
  }
}

/** True for a record of another session, which a fork has copied. */
export function isForeign(line: TranscriptLine): boolean {
  if (line.forkedFrom?.sessionId !== undefined) return true;
  if (line.type !== "assistant") return false;
  const { requestSessionId, sessionId } = line;
  return (
    requestSessionId !== undefined && sessionId !== undefined && requestSessionId !== sessionId
  );
}
