// What the scripted model says, and how an answer becomes an event stream.

/** One answer of the model. Tool ids are `toolu_test_<request>_<k>`. */
export interface ModelStep {
  readonly thinking?: string;
  readonly text?: string;
  readonly tools?: readonly ToolCall[];
  /** An HTTP error instead of an answer. */
  readonly error?: { readonly status: number; readonly type: string; readonly message: string };
  /** Awaited before the answer is sent: lets a test look at things while the client waits. */
  readonly before?: (request: ReceivedRequest) => void | Promise<void>;
}

interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Answers by dialogue, in order: `main`, `sub:<name>` (a sub-agent whose prompt contains
 * `[[sub:<name>]]`), `compact`, `aux` (requests without tools). A dialogue that has run out
 * answers "Nothing more to do."
 */
export type ModelScript = Readonly<Record<string, readonly ModelStep[]>>;

/** A request as the model received it. */
export interface ReceivedRequest {
  /** From 1, in order of arrival. */
  readonly n: number;
  readonly atMs: number;
  readonly dialogue: string;
  readonly body: RequestBody;
}

export interface RequestBody {
  readonly model: string;
  readonly messages: readonly RequestMessage[];
  readonly tools?: readonly unknown[];
  readonly [member: string]: unknown;
}

interface RequestMessage {
  readonly role: string;
  readonly content: string | readonly { readonly type: string; readonly text?: string }[];
}

/** Which dialogue a request belongs to. */
export function dialogueOf(body: RequestBody): string {
  const users = body.messages.filter((message) => message.role === "user").map(textOf);
  if (/summary of (the|our|this) conversation|respond with text only/i.test(users.at(-1) ?? "")) {
    return "compact";
  }
  const opening = users.slice(0, 2).join("\n");
  const sub = /\[\[sub:([a-z0-9-]+)\]\]/.exec(opening)?.[1];
  if (sub !== undefined && !opening.includes("[[main]]")) return `sub:${sub}`;
  return (body.tools ?? []).length === 0 ? "aux" : "main";
}

function textOf({ content }: RequestMessage): string {
  if (typeof content === "string") return content;
  return content.map((block) => block.text ?? "").join("\n");
}

type Block = Readonly<Record<string, unknown>> & { readonly type: string };

/** The server-sent events of an answer, as name and JSON. */
export function eventsOf(step: ModelStep, request: ReceivedRequest): [string, object][] {
  const id = String(request.n).padStart(4, "0");
  const usage = { input_tokens: Math.ceil(JSON.stringify(request.body).length / 4) };
  const message = {
    id: `msg_test_${id}`,
    type: "message",
    role: "assistant",
    model: request.body.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      ...usage,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 1,
    },
  };
  const stopReason = (step.tools ?? []).length > 0 ? "tool_use" : "end_turn";
  return [
    event("message_start", { message }),
    ...blocksOf(step, id).flatMap((block, index) => blockEvents(block, index)),
    event("message_delta", {
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: 42 },
    }),
    event("message_stop", {}),
  ];
}

function blocksOf(step: ModelStep, id: string): Block[] {
  const { thinking, text, tools = [] } = step;
  return [
    ...(thinking === undefined ? [] : [{ type: "thinking", thinking, signature: btoa(id) }]),
    ...(text === undefined ? [] : [{ type: "text", text }]),
    ...tools.map((tool, k) => ({ type: "tool_use", id: `toolu_test_${id}_${k}`, ...tool })),
  ];
}

function blockEvents(block: Block, index: number): [string, object][] {
  const delta = (members: object) => event("content_block_delta", { index, delta: members });
  const start = (members: object) =>
    event("content_block_start", { index, content_block: { ...block, ...members } });
  const stop = event("content_block_stop", { index });
  if (block.type === "text") {
    return [start({ text: "" }), delta({ type: "text_delta", text: block["text"] }), stop];
  }
  if (block.type === "thinking") {
    const { thinking, signature } = block;
    return [
      start({ thinking: "", signature: "" }),
      delta({ type: "thinking_delta", thinking }),
      delta({ type: "signature_delta", signature }),
      stop,
    ];
  }
  const partial = JSON.stringify(block["input"]);
  return [start({ input: {} }), delta({ type: "input_json_delta", partial_json: partial }), stop];
}

function event(type: string, members: object): [string, object] {
  return [type, { type, ...members }];
}
