import fc from "fast-check";
import { expect, test } from "vitest";
import { traceIdOf } from "../../capture/model/ids.ts";
import { stepOwner } from "../../capture/trail/cause.ts";
import { type LedgerChange, PathLedger } from "../../capture/trail/path-ledger.ts";

const trace = traceIdOf("claude-code", "aaaaaaaa-0000");

/** One line of the model: its text is like no other's, and its owner is known. */
interface Line {
  readonly text: string;
  readonly owner: number | null;
}

type Doing =
  | {
      readonly kind: "step" | "person";
      readonly at: number;
      readonly drop: number;
      readonly add: number;
    }
  | { readonly kind: "move"; readonly at: number; readonly length: number; readonly to: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const doing: fc.Arbitrary<Doing> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("step" as const, "person" as const),
    at: share,
    drop: fc.nat(3),
    add: fc.nat(3),
  }),
  fc.record({
    kind: fc.constant("move" as const),
    at: share,
    length: fc.integer({ min: 3, max: 5 }),
    to: share,
  }),
);

/** Plays doings against a model that knows every owner, and against the ledger; answers both. */
function play(doings: readonly Doing[]): {
  model: readonly Line[];
  changes: readonly LedgerChange[];
  ledger: PathLedger;
} {
  const ledger = new PathLedger(() => "");
  const changes: LedgerChange[] = [];
  let count = 0;
  const fresh = (owner: number | null): Line => {
    count += 1;
    return { text: `line number ${count} is like no other ${(count * 7_919) % 10_007}`, owner };
  };
  let model: Line[] = Array.from({ length: 8 }, () => fresh(null));
  let seen = model;
  doings.forEach((what, order) => {
    const before = model;
    if (what.kind === "move") model = moved(model, what);
    else {
      const at = Math.floor(what.at * model.length);
      const added = Array.from({ length: what.add }, () =>
        fresh(what.kind === "step" ? order : null),
      );
      model = [...model.slice(0, at), ...added, ...model.slice(at + what.drop)];
    }
    // What a person does is found by the next step's snapshot; nobody tells of it.
    if (what.kind !== "step") return;
    const change = changeOf(before, model, order);
    changes.push(change);
    ledger.replay(change);
    seen = model;
  });
  return { model: seen, changes, ledger };
}

function stateOf({ births, effects, versions }: PathLedger) {
  const all = Array.from({ length: births.count }, (_, id) => [
    births.get(id),
    births.placeOf(id),
    births.deathOf(id),
    births.deadWithText(births.get(id).text),
    births.placedWithText(births.get(id).text),
  ]);
  const kept = versions.map(({ key, ids, marks, lines }) => ({ key, ids, marks, lines }));
  return { all, kept, effects: effects.map(({ added, removed }) => ({ added, removed })) };
}

function moved(
  model: readonly Line[],
  { at, length, to }: Extract<Doing, { kind: "move" }>,
): Line[] {
  const from = Math.floor(at * model.length);
  const block = model.slice(from, from + length);
  const rest = [...model.slice(0, from), ...model.slice(from + length)];
  const place = Math.floor(to * rest.length);
  return [...rest.slice(0, place), ...block, ...rest.slice(place)];
}

function sideOf(lines: readonly Line[]) {
  const texts = lines.map(({ text }) => text);
  return { key: texts.join("\n"), lines: texts };
}

function changeOf(before: readonly Line[], after: readonly Line[], order: number): LedgerChange {
  const owner = stepOwner({ trace, agent: null, index: order });
  return {
    patch: String(order),
    trace,
    path: "a.txt",
    from: null,
    before: sideOf(before),
    after: sideOf(after),
    cause: () => ({ owner, evidence: "observed" }),
    atMs: order * 1_000,
    sinceMs: order * 1_000 - 500,
    git: undefined,
    root: "/",
  };
}

function ownersOf(ledger: PathLedger, lines: readonly Line[]): (number | null)[] {
  const resolved = ledger.resolve("a.txt", sideOf(lines));
  return lines.map((_, index) => resolved.birthAt(index)?.attribution?.owner.step?.index ?? null);
}

test("whatever steps and people do, each line is owned by the step that wrote it", () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 25 }), (doings) => {
      const { model, ledger } = play(doings);
      expect(ownersOf(ledger, model)).toEqual(model.map(({ owner }) => owner));
    }),
    { numRuns: 400 },
  );
});

test("in a content that nobody saw, lines that are left alone keep their owner", () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 15 }), share, (doings, at) => {
      const { model, ledger } = play(doings);
      const place = Math.floor(at * model.length);
      const typed = { text: "typed by hand, and nowhere else", owner: null };
      const now = [...model.slice(0, place), typed, ...model.slice(place + 1)];
      expect(ownersOf(ledger, now)).toEqual(now.map(({ owner }) => owner));
    }),
    { numRuns: 200 },
  );
});

test("replayed from any point on, a ledger is what it would be if all were replayed", () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 20 }), share, share, (doings, from, turn) => {
      const { changes, ledger } = play(doings);
      const kept = Math.min(changes.length, Math.floor(from * (changes.length + 1)));
      const seen = kept + Math.floor(turn * (changes.length + 1 - kept));
      const other = new PathLedger(() => "");
      for (const change of changes.slice(0, seen).concat(changes.slice(0, kept).toReversed())) {
        other.replay(change);
      }
      const again = other.upTo(kept);
      for (const change of changes.slice(kept)) again.replay(change);
      expect(stateOf(again)).toEqual(stateOf(ledger));
    }),
    { numRuns: 300 },
  );
});

test("asking changes nothing: the same question has the same answer, in whatever order", () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 15 }), (doings) => {
      const { model, ledger } = play(doings);
      const other = model.toReversed();
      const first = ownersOf(ledger, model);
      ownersOf(ledger, other);
      expect(ownersOf(ledger, model)).toEqual(first);
    }),
    { numRuns: 200 },
  );
});

test("undoing a step gives every line back to the owner that it had, and redoing it too", () => {
  fc.assert(
    fc.property(fc.array(doing, { minLength: 1, maxLength: 15 }), share, (doings, at) => {
      const { model, ledger } = play(doings);
      const place = Math.floor(at * model.length);
      const added = { text: "a line that comes and goes", owner: 900 };
      const changed = [...model.slice(0, place), added, ...model.slice(place + 1)];
      ledger.replay(changeOf(model, changed, 900));
      ledger.replay(changeOf(changed, model, 901));
      expect(ownersOf(ledger, model)).toEqual(model.map(({ owner }) => owner));
      ledger.replay(changeOf(model, changed, 902));
      expect(ownersOf(ledger, changed)).toEqual(changed.map(({ owner }) => owner));
    }),
    { numRuns: 200 },
  );
});
