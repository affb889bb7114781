/** The lines of a file around the one at fault, without the secrets that may stand in them. */
import { knownSecrets } from '../../check/secret-values.ts';
import type { Source } from '../../systemd/service-settings.ts';
import type { UnitLoader } from '../../systemd/unit.ts';
import type { UnitFile } from '../../systemd/unit-file.ts';
import { printable } from '../printable.ts';

export interface ExcerptLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** The line at fault. */
  readonly isMarked: boolean;
}

/** The line and its neighbours, empty ones left out; none where no line is meant, the file has no such line or cannot be read. */
export function excerptOf(source: Source, loader: Pick<UnitLoader, 'parse'>): readonly ExcerptLine[] {
  const { file, line } = source;
  if (line === null) return [];
  const lines = linesOf(file, loader);
  return [line - 1, line, line + 1].flatMap(number => {
    const text = lines[number - 1];
    const isMarked = number === line;
    if (text === undefined || (!isMarked && text.trim() === '')) return [];
    const shown = withoutSecrets(cut(text)).replaceAll('\t', '    ').trimEnd();
    return { number, text: printable(shown), isMarked };
  });
}

/** Cut between words, so that no secret loses the end that it is known by; what is more than this nobody reads. */
function cut(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine).replace(/\S*$/, '')}…`;
}

const longestLine = 1000;

function linesOf(file: string, loader: Pick<UnitLoader, 'parse'>): readonly string[] {
  try {
    const parsed = loader.parse(file);
    const known = linesOfParsed.get(parsed);
    if (known !== undefined) return known;
    const text = parsed.items.map(item => item.raw).join('');
    const lines = text.replace(/\n$/, '').split('\n');
    linesOfParsed.set(parsed, lines);
    return lines;
  } catch {
    // That it cannot be read is said by the finding itself, if it is worth one.
    return [];
  }
}

/** A file may have a fault in each of its lines. */
const linesOfParsed = new WeakMap<UnitFile, readonly string[]>();

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
