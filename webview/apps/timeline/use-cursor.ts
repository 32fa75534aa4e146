import { useEffect, useEffectEvent, useRef, useState } from "react";

import type { Cursor } from "./cursor.ts";
import type { Rows } from "./use-rows.ts";

/** Where the focus is. It stays on its row when rows are put in before it. */
export function useCursor(rows: Rows, start: Cursor) {
  const [cursor, setCursor] = useState(start);
  const id = useRef<string | null>(null);

  const row = rows.get(cursor.row);
  const follow = useEffectEvent(() => {
    if (row === undefined || row.id === id.current) return;
    const moved = id.current === null ? null : rows.findNear(id.current, cursor.row);
    if (moved === null) id.current = row.id;
    else setCursor({ ...cursor, row: moved });
  });
  useEffect(() => follow(), [row]);

  return {
    cursor,
    setCursor: (next: Cursor) => {
      id.current = rows.get(next.row)?.id ?? null;
      setCursor(next);
    },
  };
}
