/**
 * `import` of a Caddyfile: snippets with arguments, files, and files by a pattern.
 *
 * Sources: caddyserver.com/docs/caddyfile/directives/import; held against `caddy adapt` 2.6.2.
 */
import path from 'node:path';
import type { OwnFiles } from '../services/own-files.ts';
import type { MetLimit } from '../systemd/host/limit.ts';
import { globMatcher } from '../systemd/values/glob.ts';
import { deepestBlock, parseBlocks, type Statement } from './blocks.ts';

/**
 * The statements with what they import in place of each `import`. What Caddy refuses, what is not known here, and what is beyond a
 * limit is left out.
 *
 * @param note is called with each line of which something is left out
 */
export function withImports(
  statements: readonly Statement[],
  files: OwnFiles,
  note: (met: MetLimit) => void,
): readonly Statement[] {
  return new Importer(files, note).site(statements);
}

/**
 * Limits: a snippet that imports another one twice, and that one a third, doubles its words with each, or the length of a word; what
 * walks through blocks calls itself for each.
 */
const mostImports = 1_000;
const deepestImport = 20;
const mostWords = 50_000;
const longestWord = 256;

class Importer {
  readonly #files: OwnFiles;
  readonly #note: (met: MetLimit) => void;
  readonly #snippets = new Map<string, readonly Statement[]>();
  readonly #read = new Map<string, readonly Statement[] | undefined>();
  /** What is being imported: whoever imports it again is in a circle, with which Caddy does not start. */
  readonly #open = new Set<string>();
  #imports = 0;
  #words = 0;
  #level = 0;

  constructor(files: OwnFiles, note: (met: MetLimit) => void) {
    this.#files = files;
    this.#note = note;
  }

  /** At the top of a file snippets are defined, too: each counts for what comes after it. */
  site(statements: readonly Statement[]): readonly Statement[] {
    return statements.flatMap(statement => {
      const [, snippet] = /^\(([^()]+)\)$/.exec(statement.words[0] ?? '') ?? [];
      if (snippet !== undefined && statement.words.length === 1) {
        this.#snippets.set(snippet, statement.block);
        return [];
      }
      return this.#expanded(statement, imported => this.site(imported));
    });
  }

  #block(statements: readonly Statement[]): readonly Statement[] {
    return statements.flatMap(statement => this.#expanded(statement, imported => this.#block(imported)));
  }

  /** What is imported into a block counts with the levels around it. */
  #inner(block: readonly Statement[]): readonly Statement[] {
    if (this.#level >= deepestBlock) return [];
    this.#level += 1;
    const inner = this.#block(block);
    this.#level -= 1;
    return inner;
  }

  #expanded(
    statement: Statement,
    within: (imported: readonly Statement[]) => readonly Statement[],
  ): readonly Statement[] {
    const { words, block, source } = statement;
    const [directive, what, ...args] = words;
    if (directive !== 'import')
      return [block.length === 0 ? statement : { ...statement, block: this.#inner(block) }];
    const leaveOut = (limit: MetLimit['limit']) => {
      this.#note({ source, limit });
      return [];
    };
    const notUnderstood = { of: 'setting', key: words.join(' ').slice(0, longestWord) } as const;
    // A block is for a newer Caddy, and its meaning is in the snippet.
    if (what === undefined || what === '' || block.length > 0) return leaveOut(notUnderstood);
    const snippet = this.#snippets.get(what);
    const bodies =
      snippet === undefined
        ? this.#matching(path.posix.resolve(path.posix.dirname(source.file), what))?.map(
            file => [file, this.#parsed(file)] as const,
          )
        : [[`(${what})`, snippet] as const];
    if (bodies === undefined) return leaveOut(notUnderstood);
    return bodies.flatMap(([name, body]) => {
      this.#imports += 1;
      if (this.#imports > mostImports) return leaveOut({ of: 'files', most: mostImports });
      if (this.#open.size >= deepestImport) return leaveOut({ of: 'levels', most: deepestImport });
      if (body === undefined || this.#open.has(name)) return leaveOut(notUnderstood);
      this.#open.add(name);
      const imported = within(this.#given(body, args));
      this.#open.delete(name);
      if (this.#words > mostWords) leaveOut({ of: 'words', most: mostWords });
      return imported;
    });
  }

  /** Undefined for a file that cannot be read, without which Caddy does not start. */
  #parsed(file: string): readonly Statement[] | undefined {
    if (this.#read.has(file)) return this.#read.get(file);
    const content = this.#files.read(file);
    const statements = content.state === 'read' ? parseBlocks(content.text, file, 'lines') : undefined;
    this.#read.set(file, statements);
    return statements;
  }

  /**
   * Caddy takes one star, as part of a name or of a folder's name. Whether it matches hidden files depends on the version (2.6.2:
   * yes), so that these are left out. Undefined for a pattern that it refuses.
   */
  #matching(pattern: string): readonly string[] | undefined {
    if (!/[*?[\]\\]/.test(pattern)) return [pattern];
    if (pattern.split('*').length > 2 || /[?[\]\\]/.test(pattern)) return undefined;
    const parts = pattern.split('/');
    const at = parts.findIndex(part => part.includes('*'));
    const folder = parts.slice(0, at).join('/');
    const isMatch = globMatcher(parts[at] ?? '', 'stars');
    return (this.#files.list(folder === '' ? '/' : folder) ?? [])
      .filter(name => !name.startsWith('.') && isMatch(name))
      .toSorted()
      .map(name => [folder, name, ...parts.slice(at + 1)].join('/'));
  }

  /** Puts the arguments into words: `{args.0}`, and `{args[0]}` as of Caddy 2.7. */
  #given(statements: readonly Statement[], args: readonly string[]): readonly Statement[] {
    return statements.flatMap(({ words, block, source }) => {
      this.#words += words.length + 1;
      if (this.#words > mostWords) return [];
      const given = words.map(word => (word.length > longestWord ? word : withArguments(word, args)));
      if (given.some((word, index) => word !== words[index] && word.length > longestWord)) return [];
      return [{ words: given, block: this.#given(block, args), source }];
    });
  }
}

function withArguments(word: string, args: readonly string[]): string {
  return word.replaceAll(
    /\{args(?:\.(\d{1,4})|\[(\d{1,4})\])\}/g,
    (whole, before?: string, after?: string) => {
      const given = args[Number(before ?? after)];
      return given === undefined || given.length > longestWord ? whole : given;
    },
  );
}
