/**
 * 0-based lines that git wrote into a file for a conflict: the marks, and both sides between them.
 */
export function conflictLines(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  let begin = -1;
  let hasMiddle = false;
  lines.forEach((line, index) => {
    if (/^<{7} /u.test(line)) {
      begin = index;
      hasMiddle = false;
    } else if (/^={7}\s*$/u.test(line)) {
      hasMiddle = begin >= 0;
    } else if (hasMiddle && /^>{7} /u.test(line)) {
      for (let at = begin; at <= index; at += 1) found.add(at);
      begin = -1;
      hasMiddle = false;
    }
  });
  return found;
}
