// A transcript as Claude Code writes it, of any length, made up rather than recorded.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const startMs = Date.UTC(2026, 0, 5, 9, 0, 0);
const session = "55555555-aaaa-4aaa-8aaa-000000000001";

interface Place {
  readonly configFolder: string;
  /** Where the session took place. */
  readonly repository: string;
}

/** Writes a session of `prompts` prompts with eight steps each; gives its trace id. */
export function writeLongSession({ configFolder, repository }: Place, prompts: number): string {
  const slug = repository.replaceAll(/[^A-Za-z0-9]/gu, "-");
  const folder = path.join(configFolder, "projects", slug);
  const lines: string[] = [];
  const common = { cwd: repository, sessionId: session, version: "2.1.330", gitBranch: "main" };
  let parentUuid: string | null = null;
  const add = (type: "user" | "assistant", message: object, more: object = {}) => {
    const n = lines.length;
    const uuid = `00000000-aaaa-4aaa-8aaa-${String(n).padStart(12, "0")}`;
    const timestamp = new Date(startMs + n * 2_000).toISOString();
    const head = { parentUuid, isSidechain: false, type, message, uuid, timestamp };
    lines.push(JSON.stringify({ ...head, userType: "external", ...common, ...more }));
    parentUuid = uuid;
  };
  for (let prompt = 0; prompt < prompts; prompt++) {
    const text = `Look at part ${prompt + 1} of the shop and say what it does.`;
    add("user", { role: "user", content: text });
    for (let call = 0; call < 4; call++) addCall(add, repository, `${prompt}-${call}`);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${session}.jsonl`), `${lines.join("\n")}\n`);
  return `claude-code:${session}`;
}

type Add = (type: "user" | "assistant", message: object, more?: object) => void;

/** One answer of the model with a word and a command, and the command's result. */
function addCall(add: Add, repository: string, id: string): void {
  const call = `toolu_${id}`;
  const fails = id.endsWith("3");
  const usage = { input_tokens: 900, output_tokens: 40, cache_read_input_tokens: 20_000 };
  const message = (content: object) => ({
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model: "claude-opus-5-5",
    content: [content],
    usage: { ...usage, cache_creation_input_tokens: 100 },
  });
  const command = `ls ${path.join(repository, "src")} # ${id}`;
  add("assistant", message({ type: "text", text: `Listing ${id}.` }));
  const input = { command, description: "List" };
  add("assistant", message({ type: "tool_use", id: call, name: "Bash", input }));
  const content = fails ? "Exit code 2\nno such folder" : "cart.js\nformat.js";
  const result = { type: "tool_result", tool_use_id: call, content, is_error: fails };
  const toolUseResult = fails ? `Error: ${content}` : { stdout: content, stderr: "" };
  add("user", { role: "user", content: [result] }, { toolUseResult });
}
