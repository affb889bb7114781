import { parseEnvironmentFile } from './environment-file.ts';

/**
 * Reads a file of environment.d(5): the syntax of `EnvironmentFile=`, with references to variables that are replaced by their
 * values so far.
 *
 * @param version systemd's major version
 * @param before the variables that are set before
 * @returns what the file sets
 *
 * Source: environment.d(5); `merge_env_file_push()` in `src/basic/env-file.c`, `replace_env_full()` in `src/basic/env-util.c`. Run: the
 * generator of 252, 257 and 262. That of 247 leaves `${NAME:-default}` as it is written behind a `${NAME}` of the same value: that
 * fault is not followed.
 */
export function parseEnvironmentD(
  text: string,
  version: number,
  before: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const all = new Map(before);
  const set = new Map<string, string>();
  for (const { name, value } of parseEnvironmentFile(text, version)) {
    // To systemd this is a line without a value, also with quotes around nothing.
    if (value === '') continue;
    const expanded = expand(value, all, 0);
    // Nor would the kernel pass it on (execve(2)); a few lines that name each other could fill the memory.
    if (expanded.length >= longestValue) continue;
    all.set(name, expanded);
    set.set(name, expanded);
  }
  return set;
}

const longestValue = 128 * 1024;
/** References inside of defaults, inside of each other. */
const deepest = 32;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+alternative}`; what is not set is empty, and any other form after a
 * colon stays as it is written.
 */
function expand(text: string, variables: ReadonlyMap<string, string>, depth: number): string {
  if (depth > deepest) return '';
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  for (let at = text.indexOf('$'); at !== -1 && length < longestValue; at = text.indexOf('$', from)) {
    const { value, end } = reference(text, at, variables, depth);
    parts.push(text.slice(from, at), value);
    length += at - from + value.length;
    from = end;
  }
  return [...parts, text.slice(from)].join('');
}

/** What stands for the text from a dollar sign to `end`. */
function reference(
  text: string,
  dollar: number,
  variables: ReadonlyMap<string, string>,
  depth: number,
): { readonly value: string; readonly end: number } {
  const next = text.charAt(dollar + 1);
  const asWritten = (end: number) => ({ value: text.slice(dollar, end), end });
  if (next === '$') return { value: '$', end: dollar + 2 };
  if (next !== '{') {
    nameAt.lastIndex = dollar + 1;
    const [name = ''] = nameAt.exec(text) ?? [];
    if (name === '') return asWritten(dollar + 1);
    return { value: variables.get(name) ?? '', end: dollar + 1 + name.length };
  }
  const start = dollar + 2;
  nameEnd.lastIndex = start;
  const close = nameEnd.exec(text)?.index;
  if (close === undefined) return asWritten(text.length);
  const set = variables.get(text.slice(start, close));
  if (text.charAt(close) === '}') return { value: set ?? '', end: close + 1 };
  const operator = text.charAt(close + 1);
  if (operator !== '-' && operator !== '+') return asWritten(close + 2);
  const end = endOfAlternative(text, close + 2);
  if (end === undefined) return asWritten(text.length);
  const alternative = () => expand(text.slice(close + 2, end), variables, depth + 1);
  const value = operator === '-' ? (set ?? alternative()) : set === undefined ? '' : alternative();
  return { value, end: end + 1 };
}

const nameAt = /\w+/y;
const nameEnd = /[:}]/g;

/** Where the brace is closed; undefined when it never is. */
function endOfAlternative(text: string, start: number): number | undefined {
  let open = 1;
  for (let at = start; at < text.length; at += 1) {
    if (text.charAt(at) === '{') open += 1;
    else if (text.charAt(at) === '}') open -= 1;
    if (open === 0) return at;
  }
  return undefined;
}
