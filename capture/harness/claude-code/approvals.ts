/** A prompt longer than this says something of its own. */
const approvalCharsMax = 60;

/** What may stand beside an approval without adding to it. */
const polite =
  /\b(please|pls|thanks|thank you|thx|now|then|great|nice|cool|bitte|danke|merci|gracias|por favor|grazie|obrigado)\b/gu;

/** Whole clauses that only say yes, by language. None names a thing to do that was not proposed. */
const approvals: ReadonlySet<string> = new Set(
  [
    // English
    "y, yes, yep, yeah, yup, ok, okay, k, sure, fine, good, perfect, right, correct",
    "exactly, agreed, approve, approved, lgtm, ship it, ship, go, go on, go ahead",
    "go for it, do it, do so, do that, do this, do them, do all, do both, proceed, continue",
    "keep going, carry on, make it so, sounds good, looks good, looks good to me",
    "sounds great, looks great, all good, yes to all, that works, works for me, of course",
    "absolutely, definitely, apply it, apply, apply them, commit, commit it, commit this",
    "commit that, commit them, commit and push, push, push it, commit and push it, merge it",
    "implement it, implement the plan, execute the plan, run it",
    // German
    "ja, jo, jep, klar, gut, passt, genau, richtig, einverstanden, los, leg los, weiter",
    "mach, mach das, mach es, mach weiter, in ordnung, gerne, alles klar, tu es",
    "committe es, commite es",
    // French
    "oui, d'accord, vas-y, allez-y, continue, c'est bon, parfait, bien sûr, fais-le",
    // Spanish and Portuguese
    "sí, si, vale, dale, adelante, hazlo, continúa, de acuerdo, perfecto, claro, sim, pode",
    "faz, faça isso, pode continuar, pode ir, isso, beleza",
    // Italian
    "sì, va bene, procedi, fallo, vai, certo, d'accordo",
    // Russian, Polish, Turkish
    "да, давай, хорошо, продолжай, ок, согласен, tak, dobrze, zgoda, kontynuuj, evet, tamam",
    "devam",
    // Chinese, Japanese, Korean
    "是, 是的, 好, 好的, 可以, 行, 继续, 同意, 没问题, はい, お願いします, 続けて, いいよ, 네, 응, 좋아, 계속",
  ].flatMap((line) => line.split(", ")),
);

/** True if a prompt only says yes to what was asked or proposed before. */
export function isApproval(prompt: string): boolean {
  const text = prompt.trim().toLowerCase().replaceAll("’", "'");
  if (text === "" || text.length > approvalCharsMax) return false;
  if (/^(👍|✅|👌)+$/u.test(text)) return true;
  const clauses = text
    .split(/[,.!;:。，！、\n]|\b(?:and|und|et|y|e)\b(?= (?!push))/u)
    .map((clause) => clause.replaceAll(polite, " ").replaceAll(/\s+/g, " ").trim())
    .filter((clause) => clause !== "");
  return clauses.length > 0 && clauses.every((clause) => isYes(clause));
}

/** "ok do it" is two approvals without a comma: the longest that fits is taken from the front. */
function isYes(clause: string): boolean {
  if (approvals.has(clause)) return true;
  const words = clause.split(" ");
  for (let length = words.length - 1; length > 0; length -= 1) {
    if (!approvals.has(words.slice(0, length).join(" "))) continue;
    return isYes(words.slice(length).join(" "));
  }
  return false;
}
