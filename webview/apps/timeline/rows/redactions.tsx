import { Icon } from "../../../shared/icon.tsx";
import { replacedWords } from "../row-words.ts";

/** Redaction is visible: a lock and a count. */
export function Redactions({ count }: { readonly count: number }) {
  if (count === 0) return null;
  const words = replacedWords(count);
  return (
    <span className="redactions" title={words}>
      <Icon name="lock" label={words} />
      {count}
    </span>
  );
}
