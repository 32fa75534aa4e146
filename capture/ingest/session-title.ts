import { titleCharsMax } from "../base/limits.ts";

/** The first words of a prompt, on one line, without markup; empty where it has none. */
export function titleFrom(prompt: string): string {
  const words = prompt
    .slice(0, titleCharsMax * 20)
    .replaceAll(/<\/?[a-z][\w-]*>/gi, " ")
    .split(/\s+/)
    .filter((word) => word !== "");
  let title = "";
  for (const word of words) {
    const longer = title === "" ? word : `${title} ${word}`;
    if (longer.length > titleCharsMax - 1) {
      return title === "" ? `${word.slice(0, titleCharsMax - 1)}…` : `${title}…`;
    }
    title = longer;
  }
  return title;
}
