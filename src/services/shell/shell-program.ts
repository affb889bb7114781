/** Command lines of shells. */
import path from 'node:path';

/** The text or the script that a shell runs. */
type ShellProgram =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Finds what a shell runs: the text after `-c`, or a script.
 *
 * @returns undefined for any other program, and for a shell that reads its standard input
 */
export function shellProgram(words: readonly string[]): ShellProgram | undefined {
  if (!shells.has(path.posix.basename(words[0] ?? ''))) return undefined;
  let isText = false;
  let position = 1;
  for (; position < words.length; position++) {
    const word = words[position] ?? '';
    if (word === '--') {
      position++;
      break;
    }
    if (!/^[-+]./.test(word)) break;
    if (/^-[a-zA-Z]*c/.test(word)) isText = true;
    if (/^[-+][a-zA-Z]*[oO]$/.test(word) || word === '--rcfile' || word === '--init-file') position++;
  }
  const operand = words[position];
  if (operand === undefined) return undefined;
  return isText ? { kind: 'text', text: operand } : { kind: 'file', path: operand };
}

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh']);
