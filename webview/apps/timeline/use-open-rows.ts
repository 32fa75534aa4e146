import { useEffect, useEffectEvent, useState } from "react";

import type { Rows } from "./use-rows.ts";

export interface OpenRows {
  readonly open: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
  /** Opens the group at a row, whose page may still be on its way. */
  readonly openOnceLoaded: (row: number) => void;
}

/** Which rows are open, by their ids. */
export function useOpenRows(rows: Rows, saved: readonly string[]): OpenRows {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(saved));
  const [waiting, setWaiting] = useState<number | null>(null);
  const row = waiting === null ? undefined : rows.get(waiting);

  const openNow = useEffectEvent(() => {
    if (row === undefined) return;
    setWaiting(null);
    setOpen((before) => new Set([...before, row.id]));
  });
  useEffect(() => openNow(), [row]);

  const toggle = (id: string) => {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  return { open, toggle, openOnceLoaded: setWaiting };
}
