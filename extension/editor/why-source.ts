import * as vscode from "vscode";

import type { BlameAnswer, Op, WhyAnswer } from "../../capture/api.ts";
import { quietOp } from "../../capture/base/op.ts";
import type { Deps } from "../base/deps.ts";

const answersMax = 500;
/** A commit made elsewhere changes answers without a word, so none is believed for long. */
const answerMsMax = 2_000;
/** How long a person's own question counts as asked. */
const askedMsMax = 2_000;

interface Remembered {
  readonly answer: Promise<WhyAnswer>;
  readonly atMs: number;
}

/**
 * Answers "why is this line here" for open documents, unsaved text included.
 *
 * An answer is shared by everybody who asks for it at the same time, so no single asker can cancel
 * it. It is dropped when the document or the bucket changes.
 */
export class WhySource implements vscode.Disposable {
  readonly #deps: Deps;
  readonly #answers = new Map<string, Remembered>();
  readonly #subscriptions: vscode.Disposable;
  readonly #changes = new vscode.EventEmitter<void>();
  #askedMs = -Infinity;

  /** Fires when remembered answers may no longer be true. */
  readonly onDidForget = this.#changes.event;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#subscriptions = vscode.Disposable.from(
      deps.engine.onDidChange(() => this.#forget()),
      deps.engine.onDidChangeState(() => this.#forget()),
    );
  }

  get log() {
    return this.#deps.log;
  }

  /** A person asked by a command: the hover answers even if it is turned off. */
  ask(): void {
    this.#askedMs = performance.now();
  }

  isAsked(): boolean {
    return performance.now() - this.#askedMs < askedMsMax;
  }

  #forget(): void {
    this.#answers.clear();
    this.#changes.fire();
  }

  /** `line` is 1-based. Null for documents that are not files. */
  async why(document: vscode.TextDocument, line: number): Promise<WhyAnswer | null> {
    if (document.uri.scheme !== "file") return null;
    const key = `${document.uri.toString()} ${document.version} ${document.isDirty} ${line}`;
    const known = this.#answers.get(key);
    if (known !== undefined && performance.now() - known.atMs < answerMsMax) return known.answer;

    const request = { file: document.uri.fsPath, line, ...unsavedOf(document) };
    const answer = this.#deps.engine
      .get()
      .then((engine) => engine.why(quietOp(this.#deps.log), request));
    this.#remember(key, answer);
    return answer;
  }

  async blame(op: Op, document: vscode.TextDocument): Promise<BlameAnswer | null> {
    if (document.uri.scheme !== "file") return null;
    const engine = await this.#deps.engine.get();
    return engine.blame(op, { file: document.uri.fsPath, ...unsavedOf(document) });
  }

  #remember(key: string, answer: Promise<WhyAnswer>): void {
    this.#answers.delete(key);
    this.#answers.set(key, { answer, atMs: performance.now() });
    answer.catch(() => {
      if (this.#answers.get(key)?.answer === answer) this.#answers.delete(key);
    });
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > answersMax && oldest.done !== true) {
      this.#answers.delete(oldest.value);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changes.dispose();
    this.#answers.clear();
  }
}

function unsavedOf(document: vscode.TextDocument): { unsaved?: { text: string } } {
  return document.isDirty ? { unsaved: { text: document.getText() } } : {};
}
