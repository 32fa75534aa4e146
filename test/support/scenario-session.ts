import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface SessionParts {
  readonly nativeId: string;
  readonly letter: string;
  readonly cwd: string;
  /** Folder of the transcripts. */
  readonly projects: string;
  tick(): number;
  /** Drops a payload as the shim does; null where no hooks are installed. */
  readonly hook: ((payload: Readonly<Record<string, unknown>>) => Promise<void>) | null;
}

/** One tool call under way. */
export interface Call {
  readonly id: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly agent: string | null;
  /** Name of its step, such as `A:1`. */
  readonly name: string;
}

/** What a tool call does to the world. */
export type Effect = () => void | Promise<void>;

/**
 * A Claude Code session as its client would run it: transcript lines, and hooks around each call.
 *
 * One prompt is one step, one call is one step: numbers are plain to see in the tests.
 */
export class ScenarioSession {
  readonly nativeId: string;
  readonly #parts: SessionParts;
  readonly #counts = new Map<string | null, number>();
  #messages = 0;

  constructor(parts: SessionParts) {
    this.nativeId = parts.nativeId;
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#parts.tick();
    await this.#hook("SessionStart", { source: "startup" });
  }

  /** Numbers its steps on from another session's, of which it copied the history. */
  continueAfter(other: ScenarioSession): void {
    for (const [agent, count] of other.#counts) this.#counts.set(agent, count);
  }

  /** A person's words; answers the step's name. */
  async prompt(text = "Please do it."): Promise<string> {
    const atMs = this.#parts.tick();
    await this.#hook("UserPromptSubmit", { prompt: text });
    this.#line(null, atMs, { type: "user", message: { role: "user", content: text } });
    return this.#named(null);
  }

  /** Writes a file through the agent's own tool. */
  async write(name: string, content: string, agent: string | null = null): Promise<string> {
    const path = join(this.#parts.cwd, name);
    const before = existsSync(path) ? readFileSync(path, "utf8") : null;
    const call = await this.open("Write", { file_path: path, content }, agent);
    put(path, content);
    const outcome = {
      type: before === null ? "create" : "update",
      filePath: path,
      content,
      structuredPatch: [],
      originalFile: before,
      userModified: false,
    };
    await this.close(call, outcome);
    return call.name;
  }

  /** Replaces the one place of `from` through the agent's own tool. */
  async edit(name: string, from: string, to: string, agent: string | null = null): Promise<string> {
    const path = join(this.#parts.cwd, name);
    const before = readFileSync(path, "utf8");
    if (before.split(from).length !== 2) throw new Error(`"${from}" is not once in ${name}`);
    const call = await this.open(
      "Edit",
      { file_path: path, old_string: from, new_string: to },
      agent,
    );
    put(
      path,
      before.replace(from, () => to),
    );
    const outcome = { filePath: path, oldString: from, newString: to, originalFile: before };
    await this.close(call, {
      ...outcome,
      structuredPatch: [],
      userModified: false,
      replaceAll: false,
    });
    return call.name;
  }

  /** Runs a command in the shell. */
  async bash(
    command: string,
    effect: Effect = () => undefined,
    agent: string | null = null,
  ): Promise<string> {
    const call = await this.open("Bash", { command }, agent);
    await effect();
    await this.close(call, { stdout: "", stderr: "", interrupted: false, isImage: false });
    return call.name;
  }

  /** Begins a call: its transcript line, then its Pre hook. */
  async open(
    tool: string,
    input: Readonly<Record<string, unknown>>,
    agent: string | null = null,
  ): Promise<Call> {
    const atMs = this.#parts.tick();
    this.#messages += 1;
    const id = `toolu_${this.#parts.letter}_${this.#messages}`;
    const content = [{ type: "tool_use", id, name: tool, input }];
    const usage = {
      input_tokens: 10,
      output_tokens: 5,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    };
    const message = {
      id: `msg_${this.#parts.letter}_${this.#messages}`,
      type: "message",
      role: "assistant",
      model: "claude-opus-5-5",
      content,
      stop_reason: "tool_use",
      stop_sequence: null,
      usage,
    };
    this.#line(agent, atMs, { type: "assistant", message });
    const name = this.#named(agent);
    const call = { id, tool, input, agent, name };
    await this.#hook("PreToolUse", this.#ofCall(call));
    return call;
  }

  /** Ends a call: its result in the transcript, then its Post hook. */
  async close(call: Call, outcome: unknown, options: { hook?: boolean } = {}): Promise<void> {
    const atMs = this.#parts.tick();
    const content = [
      { tool_use_id: call.id, type: "tool_result", content: "done", is_error: false },
    ];
    // Of a sub-agent's calls the client records no outcome.
    const result = call.agent === null ? { toolUseResult: outcome } : {};
    this.#line(call.agent, atMs, { type: "user", message: { role: "user", content }, ...result });
    if (options.hook !== false) {
      await this.#hook("PostToolUse", { ...this.#ofCall(call), tool_response: outcome });
    }
  }

  /** Starts a sub-agent; the call stays open until it is closed with its id. */
  async agent(agent: string): Promise<Call> {
    const call = await this.open("Agent", {
      description: "Help",
      prompt: "Help.",
      subagent_type: "general",
    });
    const file = this.#file(agent);
    mkdirSync(dirname(file), { recursive: true });
    const meta = { agentType: "general", description: "Help", toolUseId: call.id };
    writeFileSync(file.replace(/\.jsonl$/, ".meta.json"), JSON.stringify(meta));
    const message = { role: "user", content: "Help." };
    this.#line(agent, this.#parts.tick(), { type: "user", message });
    this.#named(agent);
    return call;
  }

  async stop(): Promise<void> {
    this.#parts.tick();
    await this.#hook("Stop", {});
  }

  #ofCall({ id, tool, input, agent }: Call): Record<string, unknown> {
    const of = { tool_name: tool, tool_input: input, tool_use_id: id };
    return agent === null ? of : { ...of, agent_id: agent };
  }

  async #hook(name: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#parts.hook?.({
      session_id: this.nativeId,
      transcript_path: this.#file(null),
      cwd: this.#parts.cwd,
      hook_event_name: name,
      ...fields,
    });
  }

  #named(agent: string | null): string {
    const count = this.#counts.get(agent) ?? 0;
    this.#counts.set(agent, count + 1);
    const number = agent === null ? String(count) : `${agent}:${count}`;
    return `${this.#parts.letter}:${number}`;
  }

  #line(agent: string | null, atMs: number, value: Readonly<Record<string, unknown>>): void {
    this.#messages += 1;
    const line = {
      parentUuid: null,
      isSidechain: agent !== null,
      ...(agent === null ? {} : { agentId: agent }),
      ...value,
      uuid: `${this.#parts.letter}-${this.#messages}`,
      timestamp: new Date(atMs).toISOString(),
      userType: "external",
      entrypoint: "cli",
      cwd: this.#parts.cwd,
      sessionId: this.nativeId,
      version: "2.1.330",
      gitBranch: "main",
    };
    const file = this.#file(agent);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }

  #file(agent: string | null): string {
    const { projects } = this.#parts;
    if (agent === null) return join(projects, `${this.nativeId}.jsonl`);
    return join(projects, this.nativeId, "subagents", `agent-${agent}.jsonl`);
  }
}

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
