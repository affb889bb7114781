/** Reads the text of a Caddyfile or of nginx's configuration as statements. */
import type { SourceLine } from '../systemd/service-settings.ts';

/** A statement and the statements in its block, if it has one. */
export interface Statement {
  readonly words: readonly string[];
  readonly block: readonly Statement[];
  /** Where it begins. */
  readonly source: SourceLine;
}

/** Both formats consist of words and blocks: a statement ends with its line, or with a semicolon. */
export function parseBlocks(text: string, file: string, end: 'lines' | 'semicolons'): readonly Statement[] {
  const tokens = text.matchAll(/#[^\n]*|"(?:\\.|[^"\\])*"|\n|[{};](?=\s|$)|(?:[^\s;"]|;(?!\s|$))+/g);
  const stack: Statement[][] = [[]];
  let words: string[] = [];
  let line = 1;
  let source: SourceLine = { file, line };
  const finish = (block: readonly Statement[]) => {
    if (words.length > 0 || block.length > 0) stack.at(-1)?.push({ words, block, source });
    words = [];
  };
  for (const [token] of tokens) {
    if (token.startsWith('#')) continue;
    if (words.length === 0) source = { file, line };
    line += token.split('\n').length - 1;
    if (token === '{') {
      const block: Statement[] = [];
      if (stack.length <= deepestBlock) stack.at(-1)?.push({ words, block, source });
      words = [];
      stack.push(block);
    } else if (token === '}') {
      finish([]);
      if (stack.length > 1) stack.pop();
    } else if (token === (end === 'lines' ? '\n' : ';')) {
      // The addresses of a site may continue on the next line.
      if (end === 'semicolons' || !(words.at(-1) ?? '').endsWith(',')) finish([]);
    } else if (token !== '\n') words.push(token.replaceAll(/^"|"$/g, ''));
  }
  finish([]);
  return stack[0] ?? [];
}

/**
 * Limit of levels, since functions that walk through blocks call themselves for each. Nobody nests blocks deeper;
 * deeper ones are left out.
 */
export const deepestBlock = 100;
