/**
 * What a command line lets git do to the work tree where nothing else in it writes: bring content
 * from elsewhere, or take changes back to what is committed.
 */
export type GitDoing = "brings" | "discards";

/** Commands of git by what they do to files; others leave them alone, or write by themselves. */
const bringing = /^(?:cherry-pick|merge|pull|rebase|revert|stash|switch)$/u;
const discarding = /^(?:checkout|clean|reset|restore|rm)$/u;
const leaving =
  /^(?:add|blame|branch|commit|config|diff|fetch|log|push|remote|rev-parse|show|status|tag)$/u;

/** Other programs that leave files as they are. */
const harmless = /^(?:cat|cd|date|echo|false|grep|head|ls|pwd|rg|sleep|tail|true|wc|which|:)$/u;

/** Quoted text, an operator, or the characters of a word. */
const tokens = /'[^']*'|"(?:[^"\\]|\\.)*"|&&|\|\||[;|&\n()]|[^\s'";|&()\n]+/gu;
const operators = /^(?:&&|\|\||[;|&\n()])$/u;
/** What changes no file: another name of an output, an output that goes nowhere, a line's end. */
const noise = /\d?>&\d|\d?>\s*\/dev\/null|\\\n/gu;
const optionsWithValue = new Set(["-C", "-c", "--git-dir", "--work-tree"]);

/** Null where something else may have written as well, or git did nothing to files. */
export function gitDoingOf(command: string): GitDoing | null {
  if (/`|\$\(|<</u.test(command)) return null;
  let doing: GitDoing | null = null;
  for (const words of commandsOf(command)) {
    const [program, ...rest] = words;
    if (program === undefined || harmless.test(program)) continue;
    if (program !== "git") return null;
    const verb = verbOf(rest);
    if (bringing.test(verb)) doing = "brings";
    else if (discarding.test(verb)) doing ??= "discards";
    else if (!leaving.test(verb)) return null;
  }
  return doing;
}

/** The simple commands of a line, each as its words; one that writes to a file is none of them. */
function* commandsOf(command: string): Generator<readonly string[]> {
  let words: string[] = [];
  for (const [token] of command.replaceAll(noise, " ").matchAll(tokens)) {
    if (operators.test(token)) {
      yield words;
      words = [];
    } else if (token.includes(">") && !/^['"]/u.test(token)) {
      yield ["writes to a file"];
    } else if (words.length > 0 || !/^\w+=/u.test(token)) {
      words.push(token);
    }
  }
  yield words;
}

/** The command of git, behind the options of git itself. */
function verbOf(words: readonly string[]): string {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (optionsWithValue.has(word)) at += 1;
    else if (!word.startsWith("-")) return word;
  }
  return "";
}
