import { useCallback, useEffect, useRef } from "react";

import type { Place } from "../../protocol/timeline.ts";
import type { ViewMemory } from "./view-memory.ts";

const restMs = 200;

/**
 * Gives a function that saves where the reader is, once the list rests or goes away; without a
 * memory nothing is saved.
 */
export function useSavedPlace(memory: ViewMemory | null, place: () => Place): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(place);
  latest.current = place;

  const saveNow = useCallback(() => {
    timer.current = undefined;
    memory?.savePlace(latest.current());
  }, [memory]);
  useEffect(
    () => () => {
      if (timer.current === undefined) return;
      clearTimeout(timer.current);
      saveNow();
    },
    [saveNow],
  );
  return useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(saveNow, restMs);
  }, [saveNow]);
}
