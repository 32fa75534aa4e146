/** Builds the lines of a small Claude Code session, each hanging off the one before. */
export class ClaudeLines {
  readonly lines: string[] = [];
  #count = 0;
  #last: string | null = null;

  /** Uuid of the latest transcript record. */
  get last(): string {
    return this.#last ?? "";
  }

  raw(record: Readonly<Record<string, unknown>>): this {
    this.lines.push(JSON.stringify(record));
    return this;
  }

  record(type: string, members: Readonly<Record<string, unknown>>): this {
    this.#count += 1;
    const uuid = `uuid-${this.#count}`;
    const seconds = String(this.#count % 60).padStart(2, "0");
    this.raw({
      parentUuid: this.#last,
      type,
      uuid,
      timestamp: `2026-11-23T16:00:${seconds}.000Z`,
      sessionId: "00000000-0000-4000-8000-000000000001",
      cwd: "/home/dev/shop",
      version: "2.1.330",
      gitBranch: "main",
      ...members,
    });
    this.#last = uuid;
    return this;
  }

  user(content: unknown, members: Readonly<Record<string, unknown>> = {}): this {
    return this.record("user", { message: { role: "user", content }, ...members });
  }

  result(id: string, content: unknown, members: Readonly<Record<string, unknown>> = {}): this {
    const isError = members["is_error"] === true ? { is_error: true } : {};
    return this.user([{ type: "tool_result", tool_use_id: id, content, ...isError }], members);
  }

  assistant(id: string, block: unknown, members: Readonly<Record<string, unknown>> = {}): this {
    const { usage, model = "claude-test", ...rest } = members;
    const message = { role: "assistant", id, model, content: [block], usage };
    return this.record("assistant", { message, ...rest });
  }

  call(id: string, name: string, input: unknown, response = `msg_${id}`): this {
    return this.assistant(response, { type: "tool_use", id, name, input });
  }

  says(text: string, response = `msg_${this.#count}`): this {
    return this.assistant(response, { type: "text", text });
  }
}

export function session(): ClaudeLines {
  return new ClaudeLines();
}
