/** A codicon; decorative unless it has a label. */
export function Icon({ name, label }: { readonly name: string; readonly label?: string }) {
  const className = `codicon codicon-${name}`;
  return label === undefined ? (
    <span className={className} aria-hidden="true" />
  ) : (
    <span className={className} role="img" aria-label={label} title={label} />
  );
}
