import { expect, test } from "vitest";

import { isApproval } from "../../capture/harness/claude-code/approvals.ts";

test.each([
  "yes",
  "Yes.",
  "y",
  "ok",
  "OK!",
  "ok do it",
  "yes please",
  "Yes, go ahead.",
  "go ahead, thanks",
  "sounds good",
  "LGTM",
  "continue",
  "commit it",
  "commit and push",
  "yes, commit it now",
  "please proceed",
  "yes to all",
  "do it",
  "👍",
  "ja",
  "ja, mach das",
  "leg los",
  "oui",
  "vas-y",
  "sí, adelante",
  "sim",
  "va bene",
  "да",
  "好的",
  "はい",
  "네",
])("%j only says yes", (prompt) => {
  expect(isApproval(prompt)).toBe(true);
});

test.each([
  "",
  "no",
  "yes but use tabs",
  "yes, and rename it to amount",
  "ok, now fix the tests",
  "go ahead with the second option only",
  "continue with src/cart.js",
  "commit the changes to main",
  "do it in a new branch",
  "why?",
  "thanks",
  "1",
  "okay so the test fails",
  "yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes",
])("%j says something of its own", (prompt) => {
  expect(isApproval(prompt)).toBe(false);
});
