/**
 * Matches patterns of names without regular expressions: with these, a hostile pattern such as `*a*a*a*b` would try
 * every way to divide a name among the stars.
 */

/** Which characters have a special meaning: all of glob(7), those of ssh_config(5), or only stars. */
export type GlobSyntax = 'glob' | 'ssh' | 'stars';

/**
 * Makes a function that matches names with a pattern. Its time is at most the length of the name times that of the pattern.
 *
 * A leading dot is not special here. Source: glob(7); `fnmatch()` of glibc, except for classes of other locales.
 *
 * @example globMatcher('[!a-c]?*.conf')('xy.conf') // true
 */
export function globMatcher(pattern: string, syntax: GlobSyntax = 'glob'): (name: string) => boolean {
  const pieces = piecesOf(Array.from(pattern), syntax);
  return name => matches(Array.from(name), pieces);
}

/** A part of a pattern that matches one character, or any number of characters. */
type Piece = 'star' | ((character: string) => boolean);

function matches(name: readonly string[], pieces: readonly Piece[]): boolean {
  let at = 0;
  let position = 0;
  /** The last star, and how many characters it matches: of several stars, only the last ever has to match more. */
  let star: { readonly at: number; readonly position: number } | undefined;
  while (position < name.length) {
    const piece = pieces[at];
    if (piece === 'star') {
      star = { at: at + 1, position };
      at += 1;
    } else if (piece?.(name[position] ?? '') === true) {
      at += 1;
      position += 1;
    } else if (star === undefined) return false;
    else {
      star = { at: star.at, position: star.position + 1 };
      ({ at, position } = star);
    }
  }
  while (pieces[at] === 'star') at += 1;
  return at === pieces.length;
}

const anyCharacter = () => true;

function piecesOf(pattern: readonly string[], syntax: GlobSyntax): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    const set = character === '[' && syntax === 'glob' ? setAt(pattern, index) : undefined;
    if (character === '*') pieces.push('star');
    else if (character === '?' && syntax !== 'stars') pieces.push(anyCharacter);
    else if (set !== undefined) {
      pieces.push(set.piece);
      index = set.end;
    } else {
      const isEscape = character === '\\' && syntax === 'glob' && index + 1 < pattern.length;
      if (isEscape) index += 1;
      const meant = pattern[index] ?? '';
      pieces.push(each => each === meant);
    }
  }
  return pieces;
}

/** `[a-z_]`, `[!0-9]`, `[]x]`, `[[:digit:]]`; undefined when the bracket is never closed, and `[` then matches itself. */
function setAt(pattern: readonly string[], open: number): { piece: Piece; end: number } | undefined {
  let index = open + 1;
  const isNegated = pattern[index] === '!' || pattern[index] === '^';
  if (isNegated) index += 1;
  const first = index;
  const tests: ((character: string) => boolean)[] = [];
  for (; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    if (character === ']' && index > first) {
      return { piece: each => tests.some(test => test(each)) !== isNegated, end: index };
    }
    const named = character === '[' && pattern[index + 1] === ':' ? classAt(pattern, index) : undefined;
    if (named !== undefined) {
      tests.push(named.test);
      index = named.end;
      continue;
    }
    if (character === '\\') index += 1;
    const from = pattern[index] ?? '';
    const to = pattern[index + 2] ?? ']';
    if (pattern[index + 1] === '-' && to !== ']') {
      tests.push(each => from <= each && each <= to);
      index += 2;
    } else tests.push(each => each === from);
  }
  return undefined;
}

function classAt(
  pattern: readonly string[],
  open: number,
): { test: (character: string) => boolean; end: number } | undefined {
  const name = pattern.slice(open + 2, open + 2 + longestClass).join('');
  const known = [...classes].find(([each]) => name.startsWith(`${each}:]`));
  if (known === undefined) return undefined;
  const [word, expression] = known;
  return { test: each => expression.test(each), end: open + word.length + 3 };
}

/** The character classes of the locale C, in which managers run. */
const classes: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /^[A-Za-z\d]$/],
  ['alpha', /^[A-Za-z]$/],
  ['digit', /^\d$/],
  ['lower', /^[a-z]$/],
  ['upper', /^[A-Z]$/],
  ['punct', /^[!-/:-@[-`{-~]$/],
  ['xdigit', /^[\dA-Fa-f]$/],
]);
const longestClass = 'xdigit:]'.length;
