// A model on loopback that says what a script tells it to. It also stands as the client's proxy
// for everything else, so that an attempt to leave the machine is refused and counted.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import {
  dialogueOf,
  eventsOf,
  type ModelScript,
  type ModelStep,
  type ReceivedRequest,
  type RequestBody,
} from "./model-script.ts";

const RUN_OUT: ModelStep = { text: "Nothing more to do." };

export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  /** Model requests so far, in order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** `host:port` of every connection to elsewhere that the client tried to open. */
  readonly refused: readonly string[];
}

/** Starts the model; disposing ends it and every open connection. */
export async function startModelServer(script: ModelScript): Promise<ModelServer> {
  const requests: ReceivedRequest[] = [];
  const refused: string[] = [];
  const said = new Map<string, number>();
  const next = (dialogue: string): ModelStep => {
    const at = said.get(dialogue) ?? 0;
    said.set(dialogue, at + 1);
    return script[dialogue]?.[at] ?? RUN_OUT;
  };
  const server = createServer((request, response) => {
    answer(request, response, { requests, next }).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.on("connect", (request, socket) => {
    refused.push(request.url ?? "");
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Safe: a server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    refused,
    [Symbol.asyncDispose]: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

interface Dialogues {
  readonly requests: ReceivedRequest[];
  readonly next: (dialogue: string) => ModelStep;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { requests, next }: Dialogues,
): Promise<void> {
  const text = await bodyOf(request);
  const path = new URL(request.url ?? "/", "http://model").pathname;
  if (path.endsWith("/count_tokens")) {
    json(response, 200, { input_tokens: Math.ceil(text.length / 4) });
    return;
  }
  if (!path.endsWith("/messages")) {
    json(response, 404, { type: "error", error: { type: "not_found_error", message: path } });
    return;
  }
  // Safe: the client speaks the Messages API; a body of another shape fails the test that sees it.
  const body = JSON.parse(text) as RequestBody;
  const dialogue = dialogueOf(body);
  const received = { n: requests.length + 1, atMs: Date.now(), dialogue, body };
  requests.push(received);
  const step = next(dialogue);
  await step.before?.(received);
  if (step.error !== undefined) {
    const { status, type, message } = step.error;
    json(response, status, { type: "error", error: { type, message } });
    return;
  }
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "request-id": `req_test_${String(received.n).padStart(4, "0")}`,
  });
  for (const [name, members] of eventsOf(step, received)) {
    response.write(`event: ${name}\ndata: ${JSON.stringify(members)}\n\n`);
  }
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  // Safe: a request without an encoding set gives buffers.
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
