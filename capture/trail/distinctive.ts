/** Letters and digits that make a single line unmistakable. */
const soleLineCharsMin = 16;

/** Lines that make a block, and the letters and digits that they need to have together. */
export const blockLinesMin = 3;
const blockCharsMin = 20;

/**
 * True if lines may be recognised away from their place: a block of three, or one long line. Short
 * common lines such as `}`, `return null;` never are, nor are imports, however many.
 */
export function isDistinctive(lines: readonly string[]): boolean {
  const telling = lines.filter((line) => !isImport(line));
  const chars = telling.reduce((sum, line) => sum + wordChars(line), 0);
  if (lines.length >= blockLinesMin) return chars >= blockCharsMin;
  return telling.some((line) => wordChars(line) >= soleLineCharsMin);
}

function wordChars(line: string): number {
  return line.replaceAll(/[^\p{L}\p{N}]/gu, "").length;
}

function isImport(line: string): boolean {
  return /^\s*(?:import\b|from\b|#include\b|use\b|using\b|require\b|package\b)/u.test(line);
}
