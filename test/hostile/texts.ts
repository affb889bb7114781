/** Makes texts of a given length from a few pieces: one repeated, two alternating, or one after the other. */

export function* textsOf(
  pieces: readonly string[],
  length: number,
): Iterable<{ readonly shape: string; readonly text: string }> {
  for (const [index, first] of pieces.entries()) {
    yield { shape: JSON.stringify(first), text: repeated(first, length) };
    for (const second of pieces.slice(index + 1, index + 3)) {
      const names = `${JSON.stringify(first)} ${JSON.stringify(second)}`;
      yield { shape: `${names} in turn`, text: repeated(first + second, length) };
      yield { shape: `${names} in halves`, text: repeated(first, length / 2) + repeated(second, length / 2) };
      yield { shape: `${names} in lines`, text: repeated(`${first + second}\n`, length) };
    }
  }
}

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.max(1, Math.floor(length / piece.length)));
}
