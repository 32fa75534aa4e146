import { request } from "node:http";
import { expect, test } from "vitest";

import { startModelServer } from "../support/agent-lab/model-server.ts";

const TOOLS = [{ name: "Read" }];

function bodyOf(prompt: string, more: object = {}): string {
  const messages = [{ role: "user", content: prompt }];
  return JSON.stringify({ model: "m-1", messages, tools: TOOLS, ...more });
}

async function ask(url: string, body: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/v1/messages`, { method: "POST", body });
  return { status: response.status, text: await response.text() };
}

/** The events of a stream by name, with their members. */
function eventsOf(text: string): [string, Record<string, unknown>][] {
  const chunks = text.trim().split("\n\n");
  return chunks.map((chunk) => {
    const [name = "", data = ""] = chunk.split("\n");
    return [name.replace("event: ", ""), JSON.parse(data.replace("data: ", ""))];
  });
}

test("answers come in the script's order and carry thinking, text and calls", async () => {
  const call = { name: "Read", input: { file_path: "a.js" } };
  await using model = await startModelServer({
    main: [{ thinking: "Hm.", text: "Reading.", tools: [call] }, { text: "Done." }],
  });
  const first = eventsOf((await ask(model.url, bodyOf("Go."))).text);
  const blocks = first.filter(([name]) => name === "content_block_start");
  expect(blocks.map(([, event]) => event["content_block"])).toMatchObject([
    { type: "thinking" },
    { type: "text" },
    { type: "tool_use", id: "toolu_test_0001_0", name: "Read" },
  ]);
  expect(first.at(-2)?.[1]).toMatchObject({ delta: { stop_reason: "tool_use" } });
  const second = (await ask(model.url, bodyOf("Go."))).text;
  expect(second).toContain("Done.");
  expect((await ask(model.url, bodyOf("Go."))).text).toContain("Nothing more to do.");
});

test("sub-agents, compactions and requests without tools have dialogues of their own", async () => {
  await using model = await startModelServer({});
  await ask(model.url, bodyOf("Go."));
  await ask(model.url, bodyOf("[[sub:one]] Look."));
  await ask(model.url, bodyOf("[[main]] Start [[sub:one]]."));
  await ask(model.url, bodyOf("Write a summary of our conversation."));
  await ask(model.url, bodyOf("Name this.", { tools: [] }));
  const dialogues = model.requests.map(({ dialogue }) => dialogue);
  expect(dialogues).toEqual(["main", "sub:one", "main", "compact", "aux"]);
});

test("an error step is an HTTP error, and a step can wait for the test", async () => {
  const order: string[] = [];
  await using model = await startModelServer({
    main: [
      { error: { status: 529, type: "overloaded_error", message: "Busy" } },
      { text: "Hello.", before: () => void order.push("before the answer") },
    ],
  });
  expect(await ask(model.url, bodyOf("Go."))).toEqual({
    status: 529,
    text: '{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}',
  });
  await ask(model.url, bodyOf("Go."));
  order.push("after the answer");
  expect(order).toEqual(["before the answer", "after the answer"]);
});

test("a connection to elsewhere is refused and counted", async () => {
  await using model = await startModelServer({});
  const { hostname, port } = new URL(model.url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const tunnel = request({ hostname, port, method: "CONNECT", path: "example.com:443" });
    tunnel.on("connect", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    tunnel.on("error", reject);
    tunnel.end();
  });
  expect(status).toBe(403);
  expect(model.refused).toEqual(["example.com:443"]);
});
