import type { Fate } from "../../../protocol/timeline.ts";
import { fates } from "../glyphs.ts";

export function FateMark({ fate }: { readonly fate: Fate | null }) {
  if (fate === null) return null;
  const { glyph, words } = fates[fate];
  return (
    <span className={`fate ${fate}`} role="img" aria-label={words} title={words}>
      {glyph}
    </span>
  );
}
