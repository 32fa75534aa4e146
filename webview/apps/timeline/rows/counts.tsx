interface Props {
  readonly added: number | null;
  readonly deleted: number | null;
}

/** `+3 −1`, read out as words. */
export function LineCounts({ added, deleted }: Props) {
  if (added === null && deleted === null) return null;
  const words = `${added ?? 0} lines added, ${deleted ?? 0} removed`;
  return (
    <span className="counts" role="img" aria-label={words} title={words}>
      {added !== null && added > 0 && <span className="added">+{added}</span>}
      {deleted !== null && deleted > 0 && <span className="deleted">−{deleted}</span>}
    </span>
  );
}
