import { useCallback, useEffect, useRef, useState } from "react";

import type { TimelineContract, TimelineHead, TimelineRow } from "../../protocol/timeline.ts";
import type { Host } from "../../shared/host.ts";
import type { View } from "./view-memory.ts";

const pageRows = 100;
/** Pages kept; enough for far more than a screen, small enough for a day-long session. */
const pagesMax = 60;
/** After a failure the rows in view are asked for again, so often at most until one is answered. */
const retriesMax = 3;
const retryMs = 1_000;

interface Page {
  /** Of the head that it was asked for. */
  readonly version: number;
  readonly rows: readonly TimelineRow[];
}

export interface Rows {
  readonly get: (index: number) => TimelineRow | undefined;
  /** Fetches what is missing or out of date between two rows, both included. */
  readonly want: (from: number, to: number) => void;
  /** Row number of an id near `index`; null if it is not among the rows that are here. */
  readonly findNear: (id: string, index: number) => number | null;
}

/**
 * Rows of one session by number, fetched by the page.
 *
 * A page of an earlier version stays in view until its successor is here, so nothing flickers.
 */
export function useRows(
  host: Host<TimelineContract>,
  { trace, version }: TimelineHead,
  { filter, query }: View,
): Rows {
  const pages = useRef(new Map<number, Page>());
  const pending = useRef(new Set<string>());
  const wanted = useRef<readonly [number, number]>([0, 0]);
  const current = useRef(version);
  const failures = useRef(0);
  const [retry, askAgain] = useState(0);
  const [, redraw] = useState(0);

  useEffect(() => {
    current.current = version;
  }, [version]);

  const fetchPage = useCallback(
    async (page: number) => {
      const key = `${version}/${page}`;
      if (pages.current.get(page)?.version === version || pending.current.has(key)) return;
      pending.current.add(key);
      try {
        const from = page * pageRows;
        const params = { trace, filter, query, from, count: pageRows };
        const { rows } = await host.request("rows", params);
        // Another head has come meanwhile: its own answer is here, or on its way.
        if (pages.current.has(page) && current.current !== version) return;
        failures.current = 0;
        pages.current.set(page, { version, rows });
        forgetFarPages(pages.current, page);
        redraw((n) => n + 1);
      } catch {
        // The rows stay as they are; beyond this, the next scroll or change asks again.
        failures.current += 1;
        if (failures.current <= retriesMax) setTimeout(() => askAgain((n) => n + 1), retryMs);
      } finally {
        pending.current.delete(key);
      }
    },
    [host, trace, version, filter, query],
  );

  const want = useCallback(
    (from: number, to: number) => {
      wanted.current = [from, to];
      const last = Math.floor(Math.max(0, to) / pageRows);
      for (let page = Math.floor(Math.max(0, from) / pageRows); page <= last; page++) {
        void fetchPage(page);
      }
    },
    [fetchPage],
  );

  useEffect(() => want(...wanted.current), [want, retry]);

  const get = (index: number) =>
    pages.current.get(Math.floor(index / pageRows))?.rows[index % pageRows];
  return { get, want, findNear: (id, index) => findNear(get, id, index) };
}

function findNear(get: Rows["get"], id: string, index: number): number | null {
  for (let distance = 0; distance <= pageRows; distance++) {
    if (get(index + distance)?.id === id) return index + distance;
    if (get(index - distance)?.id === id) return index - distance;
  }
  return null;
}

function forgetFarPages(pages: Map<number, Page>, near: number): void {
  if (pages.size <= pagesMax) return;
  const byDistance = [...pages.keys()].toSorted((a, b) => Math.abs(b - near) - Math.abs(a - near));
  for (const page of byDistance.slice(0, pages.size - pagesMax)) pages.delete(page);
}
