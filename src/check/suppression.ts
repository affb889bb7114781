/** Comments in unit files that accept a finding: `# daruma: ignore RULE[,RULE...] reason`. */
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Unit, UnitLoader } from '../systemd/unit.ts';
import type { UnitPolicy } from './policy.ts';

export interface Suppression {
  readonly rule: string;
  /** The text behind the names of the rules. */
  readonly reason: string;
  readonly source: SourceLine;
}

/** Reads the suppressions of a unit, from its own file and its drop-ins. */
export function suppressionsOf(unit: Unit, loader: UnitLoader): readonly Suppression[] {
  const files = [...(unit.fragment === undefined ? [] : [unit.fragment]), ...unit.dropIns];
  return files.flatMap(file => suppressionsIn(file, loader));
}

function suppressionsIn(file: string, loader: UnitLoader): readonly Suppression[] {
  try {
    return loader
      .parse(file)
      .items.filter(({ kind, raw }) => kind === 'comment' && raw.includes('daruma:'))
      .flatMap(({ raw, line }) => parseComment(raw, { file, line }));
  } catch {
    // An unreadable file suppresses nothing; another rule reports that it is unreadable.
    return [];
  }
}

/** Why the findings of a rule about a unit are accepted, and where a comment says so; undefined when they are not. */
export function acceptanceIn(
  policy: UnitPolicy | undefined,
  suppressions: readonly Suppression[],
  rule: string,
): { readonly reason: string; readonly source: SourceLine | null } | undefined {
  const comment = suppressions.find(suppression => suppression.rule === rule);
  if (comment !== undefined) return { reason: comment.reason, source: comment.source };
  const reason = policy?.ignored.get(rule);
  return reason === undefined ? undefined : { reason, source: null };
}

/** A comment item may span several lines: each of them is read. */
function parseComment(raw: string, first: SourceLine): readonly Suppression[] {
  return raw.split('\n').flatMap((text, index) => {
    const [begin = '', names = ''] =
      /^\s*[#;]\s*daruma:\s*ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)/.exec(text) ?? [];
    const reason = text.slice(begin.length);
    const source = { file: first.file, line: first.line + index };
    return names === ''
      ? []
      : names.split(',').map(name => ({ rule: name.trim(), reason: reason.trim(), source }));
  });
}
