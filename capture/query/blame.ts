import { OtError } from "../base/errors.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import type { BlameAnswer, BlameLine } from "../model/answers.ts";
import { ownerAnswer } from "./answer-owner.ts";
import { askedContent, type FileQuestion } from "./asked-content.ts";
import type { FileContent } from "./file-content.ts";
import { FileOwners } from "./file-owners.ts";
import type { RepoContext } from "./repo-context.ts";
import { uncommittedSource } from "./uncommitted-rename.ts";

/**
 * The owner of every line of a file, or of an inclusive range of 1-based lines.
 *
 * Throws `not-found` for a missing file or revision, `usage` for a range outside of it,
 * `limit-exceeded` for a file that is not owned line by line.
 */
export async function blame(
  op: Op,
  context: RepoContext,
  question: FileQuestion & { readonly lines?: readonly [number, number] },
): Promise<BlameAnswer> {
  const content = await askedContent(op, context, question);
  const owners = await ownersOf(op, context, content);
  const count = content.lines?.length ?? 0;
  const [first, last] = question.lines ?? [1, count];
  if (first < 1 || last < first - 1 || first > Math.max(count, 1)) {
    throw new OtError(
      "usage",
      `${content.path} has ${count} lines; ${first},${last} is no range of them.`,
    );
  }
  await owners.prepare(op, first - 1, Math.min(last, count));
  const lines: BlameLine[] = [];
  for (let line = first; line <= Math.min(last, count); line += 1) {
    throwIfCancelled(op);
    const owned = await owners.lineAt(op, line - 1);
    const { kind, trace, step, candidates } = ownerAnswer(owned.owner);
    const { evidence, commit } = owned;
    lines.push({
      line,
      owner: kind,
      trace,
      step,
      candidates,
      commit: commit?.sha ?? null,
      evidence,
    });
  }
  return { path: content.path, rev: content.rev, lines };
}

/** The owners of a content, found once for each. Throws `limit-exceeded` for one without lines. */
export async function ownersOf(
  op: Op,
  context: RepoContext,
  content: FileContent,
): Promise<FileOwners> {
  const owners = await knownOwners(op, context, content);
  if (owners !== null) return owners;
  if (content.unowned === "missing") {
    throw new OtError("not-found", `The content of ${content.path} is not in this clone.`, {
      hint: "It is fetched when you check it out; nothing is fetched for an answer.",
    });
  }
  throw new OtError(
    "limit-exceeded",
    `${content.path} is binary or too large to be owned by lines.`,
  );
}

async function knownOwners(
  op: Op,
  context: RepoContext,
  content: FileContent,
): Promise<FileOwners | null> {
  const onDisk = content.rev === "worktree" ? context.onDisk.get(content.path)?.content : undefined;
  const isUnsaved = onDisk !== undefined && onDisk.lines !== null && onDisk.key !== content.key;
  const saved = isUnsaved ? onDisk : content;
  const source = await uncommittedSource(op, context, saved);
  const key = await ownersKey(op, context, saved, source);
  const owners = await context.once(key, () => FileOwners.of(op, context, saved, source), "file");
  if (!isUnsaved) return owners;
  const name = `${key}\0${content.key}`;
  return context.once(name, async () => owners?.after(content) ?? null, "file");
}

/** Names all that the owners of a content depend on. */
async function ownersKey(
  op: Op,
  context: RepoContext,
  { path, rev, key }: FileContent,
  source: FileContent | null,
): Promise<string> {
  const { serial } = await context.ledger(op, path);
  const head = await context.head.commit(op);
  const parts = ["owners", serial, head, rev, path, key];
  if (source !== null) {
    parts.push(source.path, source.key, (await context.ledger(op, source.path)).serial);
  }
  return parts.join("\0");
}
