/** What became of a promise, as a value: tests compare codes, never whole witnesses. */

/** `accepted`, or the code of the error (its text where it has none). */
export function outcomeOf(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'accepted',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
