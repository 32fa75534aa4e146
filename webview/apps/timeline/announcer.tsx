import { useEffect, useRef, useState } from "react";

interface Props {
  /** How many prompts there are; null while that is not known. */
  readonly prompts: number | null;
  readonly live: boolean;
}

/** Tells a screen reader of new prompts; single steps would drown everything else. */
export function Announcer({ prompts, live }: Props) {
  const before = useRef(prompts);
  const [words, setWords] = useState("");

  useEffect(() => {
    const isNew = prompts !== null && before.current !== null && prompts > before.current;
    if (isNew && live) setWords(`Prompt ${prompts} was sent`);
    before.current = prompts;
  }, [prompts, live]);

  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {words}
    </div>
  );
}
