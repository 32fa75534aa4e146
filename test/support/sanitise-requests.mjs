// The ground truth of a recording in reduced form: what the model was sent and what it answered,
// with each message stored once.
import { bodyDigest, canonical, normalMessage, withoutCacheControl } from "./sanitise-journal.mjs";
import { mapTexts } from "./sanitise-places.mjs";

/** The billing header stands first in `system`, changes with every build, and is in no digest. */
const BILLING = /^x-anthropic-billing-header/;

/**
 * `{system, tools, messages, requests}`: distinct texts in order of first use, and a request as
 * `{n, at, queue, step, params, betas, system, tools, messages, cacheControl, digest, response}`
 * where `system`, `tools` and `messages` are indexes into the tables.
 */
export function requestTable(requests, change) {
  const tables = { system: new Table(), tools: new Table(), messages: new Table() };
  const rows = requests.map((request) => row(request, tables, change));
  return {
    system: tables.system.values,
    tools: tables.tools.values,
    messages: tables.messages.values,
    requests: rows,
  };
}

function row({ n, receivedAt, headers, body, mock, response }, tables, change) {
  const { system = [], tools = [], messages, metadata: _dropped, ...params } = body;
  const betas = (headers["anthropic-beta"] ?? "").split(",");
  const sent = {
    system: system
      .filter((part) => !BILLING.test(part.text ?? ""))
      .map((part) => mapTexts(part, "request.system[]", change)),
    tools: tools.map((tool) => mapTexts(tool, "request.tools[]", change)),
    messages: messages.map((message) => changeMessage(normalMessage(message), change)),
  };
  return {
    n,
    at: receivedAt,
    queue: mock?.queue,
    step: mock?.index,
    params,
    betas,
    system: sent.system.map((part) => tables.system.indexOf(withoutCacheControl(part))),
    tools: sent.tools.map((tool) => tables.tools.indexOf(withoutCacheControl(tool))),
    messages: sent.messages.map((item) => tables.messages.indexOf(withoutCacheControl(item))),
    cacheControl: [...cacheControls(sent, [])],
    digest: bodyDigest({ ...params, ...sent }, betas),
    response: mapTexts(response, "response", change),
  };
}

function changeMessage(message, change) {
  const place = message.role === "assistant" ? "assistant" : `request-${message.role}`;
  return mapTexts(message, `${place}.message`, change);
}

function* cacheControls(value, path) {
  if (value === null || typeof value !== "object") return;
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === "cache_control") yield { path, value: member };
    else yield* cacheControls(member, at);
  }
}

/** A list without repetitions. */
class Table {
  values = [];
  #indexes = new Map();

  indexOf(value) {
    const key = canonical(value);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** `{id, blocks, stopReason, usage}` of a recorded event stream, or `{status, error}`. */
export function readResponse(text) {
  const failed = /^# HTTP (\d+)\n(.*)/.exec(text);
  if (failed !== null) return { status: Number(failed[1]), error: JSON.parse(failed[2]).error };
  const answer = { id: null, blocks: [], stopReason: null, usage: {} };
  const json = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("data: ")) readEvent(JSON.parse(line.slice(6)), answer, json);
  }
  answer.blocks.forEach((block, at) => {
    if (block.type === "tool_use") block.input = JSON.parse(json[at] || "{}");
  });
  return answer;
}

function readEvent(event, answer, json) {
  const { index, delta } = event;
  if (event.type === "message_start") {
    answer.id = event.message.id;
    answer.usage = { ...event.message.usage };
  } else if (event.type === "content_block_start") {
    answer.blocks[index] = { ...event.content_block };
    json[index] = "";
  } else if (event.type === "message_delta") {
    answer.stopReason = delta.stop_reason;
    Object.assign(answer.usage, event.usage);
  } else if (event.type === "content_block_delta") {
    const block = answer.blocks[index];
    if (delta.type === "text_delta") block.text += delta.text;
    if (delta.type === "thinking_delta") block.thinking += delta.thinking;
    if (delta.type === "signature_delta") block.signature = delta.signature;
    if (delta.type === "input_json_delta") json[index] += delta.partial_json;
  }
}
