import type * as vscode from "vscode";
import { describe, expect, test } from "vitest";
import * as z from "zod";

import { OtError } from "../../capture/base/errors.ts";
import { silentLogger } from "../../capture/base/log.ts";
import { type Handlers, serve } from "../../extension/views/serve.ts";

interface EchoContract {
  readonly requests: {
    echo(params: { readonly words: string }): string;
    wait(params: Record<string, never>): null;
  };
  readonly events: { readonly changed: { readonly n: number } };
}

/** A webview that keeps what is posted to it and lets a test speak for its page. */
function fakeWebview() {
  const posted: unknown[] = [];
  let listener: (message: unknown) => void = () => undefined;
  const webview = {
    postMessage: (message: unknown) => {
      posted.push(message);
      return Promise.resolve(true);
    },
    onDidReceiveMessage: (given: (message: unknown) => void) => {
      listener = given;
      return { dispose: () => undefined };
    },
  };
  return {
    // Safe: `serve` uses only the two members that are there.
    webview: webview as unknown as vscode.Webview,
    posted,
    say: (message: unknown) => listener(message),
  };
}

const parsers = { echo: z.object({ words: z.string().max(5) }), wait: z.object({}) };
const echo: Handlers<EchoContract> = { echo: ({ words }) => words, wait: () => null };

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("the host's side of a webview", () => {
  test("answers a request that parses", async () => {
    const page = fakeWebview();
    serve<EchoContract>(page.webview, parsers, echo, silentLogger);
    page.say({ type: "request", id: 1, method: "echo", params: { words: "hi" } });
    await settle();
    expect(page.posted).toEqual([{ type: "answer", id: 1, value: "hi" }]);
  });

  test.each([
    ["params of a wrong shape", { type: "request", id: 2, method: "echo", params: { words: 7 } }],
    [
      "params over their limit",
      { type: "request", id: 2, method: "echo", params: { words: "too long" } },
    ],
    ["a method nobody knows", { type: "request", id: 2, method: "rm", params: {} }],
    ["a method of every object", { type: "request", id: 2, method: "toString", params: {} }],
  ])("refuses %s", async (_, message) => {
    const page = fakeWebview();
    serve<EchoContract>(page.webview, parsers, echo, silentLogger);
    page.say(message);
    await settle();
    expect(page.posted).toMatchObject([{ type: "failure", id: 2 }]);
  });

  test.each([[null], ["text"], [{}], [{ type: "request" }], [{ type: "request", id: "1" }]])(
    "ignores what is no message: %j",
    async (message) => {
      const page = fakeWebview();
      serve<EchoContract>(page.webview, parsers, echo, silentLogger);
      page.say(message);
      await settle();
      expect(page.posted).toEqual([]);
    },
  );

  test("passes on the code and the hint of a failed operation", async () => {
    const page = fakeWebview();
    const failing: Handlers<EchoContract> = {
      ...echo,
      echo: () => {
        throw new OtError("not-found", "No such step.", { hint: "Look again." });
      },
    };
    serve<EchoContract>(page.webview, parsers, failing, silentLogger);
    page.say({ type: "request", id: 3, method: "echo", params: { words: "x" } });
    await settle();
    expect(page.posted).toEqual([
      {
        type: "failure",
        id: 3,
        failure: { code: "not-found", message: "No such step.", hint: "Look again." },
      },
    ]);
  });

  test("cancels what the page no longer waits for, and then says nothing", async () => {
    const page = fakeWebview();
    let aborted = false;
    const waiting: Handlers<EchoContract> = {
      ...echo,
      wait: (_, op) =>
        new Promise((_resolve, reject) => {
          op.signal.addEventListener("abort", () => {
            aborted = true;
            reject(new Error("aborted"));
          });
        }),
    };
    serve<EchoContract>(page.webview, parsers, waiting, silentLogger);
    page.say({ type: "request", id: 4, method: "wait", params: {} });
    page.say({ type: "cancel", id: 4 });
    await settle();
    expect({ aborted, posted: page.posted }).toEqual({ aborted: true, posted: [] });
  });

  test("tells an event as it is", () => {
    const page = fakeWebview();
    serve<EchoContract>(page.webview, parsers, echo, silentLogger).tell("changed", { n: 1 });
    expect(page.posted).toEqual([{ type: "event", event: "changed", payload: { n: 1 } }]);
  });
});
