/** The lines of a file around the one at fault, without the secrets that may stand in them. */
import { knownSecrets } from '../../check/secret-values.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Source } from '../../systemd/service-settings.ts';
import { printable } from '../printable.ts';

export interface ExcerptLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** The line at fault. */
  readonly isMarked: boolean;
}

/** The line and its neighbours, empty ones left out; none where the file has no such line or cannot be read. */
export function excerptOf(source: Source, loader: Inventory['loader']): readonly ExcerptLine[] {
  const lines = linesOf(source.file, loader);
  return [source.line - 1, source.line, source.line + 1].flatMap(number => {
    const text = lines[number - 1];
    const isMarked = number === source.line;
    if (text === undefined || (!isMarked && text.trim() === '')) return [];
    return { number, text: printable(withoutSecrets(text).replaceAll('\t', '    ').trimEnd()), isMarked };
  });
}

function linesOf(file: string, loader: Inventory['loader']): readonly string[] {
  try {
    const text = loader
      .parse(file)
      .items.map(item => item.raw)
      .join('');
    return text.replace(/\n$/, '').split('\n');
  } catch {
    // That it cannot be read is said by the finding itself, if it is worth one.
    return [];
  }
}

/**
 * A line whose secrets are left out: reports are pasted into issues and kept in logs. A name that says so is enough,
 * since a value that is none of it is missed less than one that is shown.
 *
 * @example withoutSecrets('Environment=API_KEY=sk-abc') // 'Environment=API_KEY=***'
 */
export function withoutSecrets(line: string): string {
  return line
    .replaceAll(quoted, '$1***')
    .replaceAll(named, '$1***')
    .replaceAll(option, '$1***')
    .replaceAll(keyed, '$1***')
    .replaceAll(passwordInUrl, '$1***$2')
    .replaceAll(wellKnown, '***')
    .replaceAll(knownSecrets(), '***');
}

const secretWord = String.raw`(?:key|token|secret|pass(?:w(?:or)?d)?|passphrase|credential|auth|_pat)s?`;
/** A reference such as `${NAME}` or `$(...)` is none. */
const value = String.raw`(?!["']?\$)(?:"[^"]*"?|'[^']*'?|[^\s"']+)`;
/** `"NAME_WITH_SUCH_A_WORD=value of several words"`. */
const quoted = new RegExp(String.raw`(["']\w*${secretWord}\w*=)(?!\$)[^"']*`, 'gi');
/** `NAME_WITH_SUCH_A_WORD=value`. */
const named = new RegExp(String.raw`(\b\w*${secretWord}\w*=)${value}`, 'gi');
/** `--api-key value`, `--token=value`. */
const option = new RegExp(String.raw`(--?[\w-]*${secretWord}[\w-]*[ =])(?!-)${value}`, 'gi');
/** `"botToken": "value"`, `api_key: value`, `Authorization: Bearer value`; no brace, with which more of it begins. */
const keyed = new RegExp(
  String.raw`(\b[\w-]*${secretWord}[\w-]*["']?:\s*(?:(?:bearer|basic|token)\s+)?)(?![{[])${value}`,
  'gi',
);
const passwordInUrl = /(:\/\/[^\s/:@]*:)[^\s/@]+(@)/g;
/** Values that show by themselves what they are, with the prefixes that their issuers gave them. */
const wellKnown = /\b(?:sk|pk|ghp|gho|ghu|ghs|github_pat|xox[a-z]|glpat|hf|AIza)[-_][\w-]{8,}/g;
