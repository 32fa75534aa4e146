/** A session, as the store's refs name it. */
export interface SessionKey {
  readonly harness: string;
  readonly nativeId: string;
}

export const refPrefix = "refs/opentraces/";

/** The ref that holds the session's newest snapshot in one work tree. */
export function sessionRef(session: SessionKey, worktree: string): string {
  const parts = [session.harness, session.nativeId, worktree];
  return `${refPrefix}${parts.map(escapePart).join("/")}`;
}

/** The session and work tree that a ref belongs to; null for a ref of another shape. */
export function parseSessionRef(ref: string): (SessionKey & { readonly worktree: string }) | null {
  const parts = ref.startsWith(refPrefix) ? ref.slice(refPrefix.length).split("/") : [];
  const [harness, nativeId, worktree] = parts.map(unescapePart);
  if (parts.length !== 3 || harness === undefined || nativeId === undefined) return null;
  return worktree === undefined ? null : { harness, nativeId, worktree };
}

/** Letters, digits, `-` and `_` stay; each other byte becomes `%XX`, so any id makes a ref. */
function escapePart(part: string): string {
  return Buffer.from(part, "utf8")
    .toString("latin1")
    .replace(
      /[^A-Za-z0-9_-]/g,
      (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
    );
}

function unescapePart(part: string): string {
  const bytes = part.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
