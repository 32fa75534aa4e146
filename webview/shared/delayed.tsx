import { type ReactNode, useEffect, useState } from "react";

/** How long something may take before it is worth a sign that it is under way. */
const quietMs = 400;

/** Draws its children only if it is still there after a moment. */
export function Delayed({ children }: { readonly children: ReactNode }) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), quietMs);
    return () => clearTimeout(timer);
  }, []);
  return isLate ? children : null;
}
