/**
 * What assignments mean when several files make them: later ones replace scalars and add to lists, systemd ignores invalid
 * ones, and every line that it ignores is kept with the reason.
 * Source: systemd.syntax(7); systemd.unit(5); `config_parse()` and the parsers of `load-fragment.c`.
 */
import {
  type Directive,
  findDirective,
  sectionsOf as directiveSections,
  suggestDirective,
  type ValueProblem,
  validateValue,
  versionsOf,
} from './directives.ts';
import type { SourceLine } from './service-settings.ts';
import type { AssignmentItem, StrayItem, UnitFile, UnitFileFatal } from './unit-file.ts';
import type { InvalidSpecifier } from './values/specifier.ts';

/** One assignment that systemd accepts, with the line it comes from. */
export interface Assigned {
  /** The value as written, with its `%` specifiers. */
  readonly value: string;
  readonly source: SourceLine;
}

/** A line, or a part of a line, that systemd ignores. */
export interface IgnoredLine {
  readonly source: SourceLine;
  /** The name of the section; empty, as `key` is, for a line that is no assignment. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly problem: IgnoredProblem;
  /** Further lines of the file with the same problem, which are counted and not kept. */
  readonly alike?: AlikeLines;
}

/** Lines that are only counted, since a file may be wrong in each of a million lines. */
interface AlikeLines {
  readonly count: number;
  /** The number of the last of these lines. */
  readonly lastLine: number;
}

/** Why systemd ignores a line. */
export type IgnoredProblem =
  /** The line is no assignment, or stands before the first section. */
  | { readonly code: 'stray'; readonly problem: StrayItem['problem'] }
  /** This type of unit has no such section. */
  | { readonly code: 'unknown-section' }
  /** The version has no such setting. `suggestion`: a similar name, with its section when it stands in the wrong one; `since`: the first version that has it. */
  | { readonly code: 'unknown-setting'; readonly suggestion?: string; readonly since?: number }
  /** The version accepts the setting and does nothing with it. */
  | { readonly code: 'no-effect' }
  /** The value is invalid; `counts`: systemd ignores all of it, or takes a `part` of it, or only adds `nothing` to the list. */
  | {
      readonly code: 'bad-value';
      readonly reason: ValueProblem;
      readonly counts: 'part' | 'nothing' | undefined;
    }
  /** systemd stops reading the drop-in at this line and ignores all that follows. */
  | { readonly code: 'unread'; readonly problem: UnitFileFatal['problem'] | 'fatal-value' };

/** Where and why systemd stopped reading a file. */
export type ReadFailure =
  | { readonly code: 'syntax'; readonly problem: UnitFileFatal['problem']; readonly source: SourceLine }
  | {
      readonly code: 'bad-value';
      readonly key: string;
      readonly reason: ValueProblem;
      readonly source: SourceLine;
      /** The `LoadState` of a unit whose main file has such a line. */
      readonly load: 'bad-setting' | 'error';
    };

type BadValue = Extract<ReadFailure, { readonly code: 'bad-value' }>;

export interface ReadOptions {
  /** The sections that this kind of file has. */
  readonly sections: ReadonlySet<string>;
  readonly version: number;
  /** Expands `%` specifiers; returns undefined when a value is not known, in which case the text is not judged. */
  readonly expandSpecifiers?: (text: string) => string | InvalidSpecifier | undefined;
}

/**
 * The assignments of one unit, or of one manager's configuration, collected file after file.
 *
 * Source: `config_parse()` in `src/shared/conf-parser.c`, and the parsers of `src/core/load-fragment.c`.
 */
export class Assignments {
  readonly #options: ReadOptions;
  /** The assignments by section and name. */
  readonly #assigned = new Map<string, Map<string, Assigned[]>>();
  readonly #ignored: IgnoredLine[] = [];
  /** For each problem in the current file, how many lines were kept, and where the last of them is. */
  #kept = new Map<string, { count: number; at: number }>();

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  /** The assignments that count: all of a list, at most one of a scalar. Ask for a setting by its current name: older names are stored under it. */
  get(section: string, name: string): readonly Assigned[] {
    return this.#assigned.get(section)?.get(name) ?? [];
  }

  /** The assignment that counts for a scalar; undefined when there is none. */
  last(section: string, name: string): Assigned | undefined {
    return this.#assigned.get(section)?.get(name)?.at(-1);
  }

  /** All assignments of a section that count, by name. */
  in(section: string): Iterable<readonly [name: string, assigned: readonly Assigned[]]> {
    return this.#assigned.get(section) ?? [];
  }

  /** The lines that systemd ignores, in the order of reading. */
  get ignored(): readonly IgnoredLine[] {
    return this.#ignored;
  }

  /**
   * Adds the assignments of one file.
   *
   * @returns where systemd stops reading the file, if it does: systemd then refuses a unit, and ignores the rest of a drop-in
   */
  read(file: string, parsed: UnitFile): ReadFailure | undefined {
    this.#kept = new Map();
    for (const item of parsed.items) {
      const source = { file, line: item.line };
      if (item.kind === 'section') {
        if (!this.#isKnownSection(item.name)) {
          this.#ignore(source, item.name, '', '', { code: 'unknown-section' });
        }
      } else if (item.kind === 'stray') {
        this.#ignore(source, '', '', item.text, { code: 'stray', problem: item.problem });
      } else if (item.kind === 'assignment') {
        const refusal = this.#assign(item, source);
        if (refusal !== undefined) return { code: 'bad-value', key: item.key, source, ...refusal };
      }
    }
    if (parsed.fatal === undefined) return undefined;
    return { code: 'syntax', problem: parsed.fatal.problem, source: { file, line: parsed.fatal.line } };
  }

  /** Records that systemd ignores the rest of a drop-in. */
  noteUnread(failure: ReadFailure): void {
    const problem = failure.code === 'syntax' ? failure.problem : 'fatal-value';
    this.#ignore(failure.source, '', '', '', { code: 'unread', problem });
  }

  #isKnownSection(section: string): boolean {
    return section.startsWith('X-') || this.#options.sections.has(section);
  }

  /** @returns why systemd refuses the whole unit, if it does */
  #assign(item: AssignmentItem, source: SourceLine): Pick<BadValue, 'reason' | 'load'> | undefined {
    const { section, key, value } = item;
    if (!this.#options.sections.has(section)) return undefined;
    const { version } = this.#options;
    const directive = findDirective(section, key, version);
    if (directive === undefined) {
      if (!hasTable.has(section)) this.#add(section, key, true, { value, source });
      else if (!key.startsWith('X-')) {
        const details = () => this.#unknown(section, key);
        this.#ignore(source, section, key, value, { code: 'unknown-setting' }, details);
      }
      return undefined;
    }
    if (directive.ignored) {
      this.#ignore(source, section, key, value, { code: 'no-effect' });
      return undefined;
    }
    const validity = validateValue(directive, value, this.#options);
    if (!validity.ok) {
      if (validity.fatal !== undefined) return { reason: validity.reason, load: validity.fatal };
      const { reason } = validity;
      const counts = directive.list && 'rest' in reason ? (reason.rest ? 'part' : 'nothing') : undefined;
      this.#ignore(source, section, key, value, { code: 'bad-value', reason, counts });
      if (counts === undefined) return undefined;
    }
    for (const name of meanings(directive)) this.#store(directive, name, value, source);
    return undefined;
  }

  #store(directive: Directive, name: string, value: string, source: SourceLine): void {
    const section = directive.canonical?.section ?? directive.section;
    if (value !== '' || directive.empty === 'counts')
      this.#add(section, name, directive.list, { value, source });
    else if (directive.empty !== 'keeps') this.#reset(section, name);
  }

  /** An empty condition resets the conditions of all kinds, and so does an empty assertion (`config_parse_unit_condition_path()`). */
  #reset(section: string, name: string): void {
    const names = this.#assigned.get(section);
    const [group] = section === 'Unit' ? (/^(?:Condition|Assert)(?=[A-Z])/.exec(name) ?? []) : [];
    if (group === undefined) names?.delete(name);
    else for (const other of names?.keys() ?? []) if (other.startsWith(group)) names?.delete(other);
  }

  #add(section: string, name: string, list: boolean, assigned: Assigned): void {
    const names = this.#assigned.get(section) ?? new Map<string, Assigned[]>();
    this.#assigned.set(section, names);
    const before = list ? names.get(name) : undefined;
    if (before === undefined) names.set(name, [assigned]);
    else before.push(assigned);
  }

  #unknown(section: string, key: string): IgnoredProblem {
    const newer = versionsOf(section, key)?.since;
    if (newer !== undefined && newer > this.#options.version)
      return { code: 'unknown-setting', since: newer };
    const suggestion = suggestDirective(section, key, this.#options.version);
    return suggestion === undefined ? { code: 'unknown-setting' } : { code: 'unknown-setting', suggestion };
  }

  /** @param details returns more about the problem, which takes time to find out; called only for lines that are kept */
  #ignore(
    source: SourceLine,
    section: string,
    key: string,
    value: string,
    problem: IgnoredProblem,
    details = () => problem,
  ): void {
    const kind = kindOf(section, key, problem, this.#options.version);
    const kept = this.#kept.get(kind) ?? { count: 0, at: 0 };
    this.#kept.set(kind, kept);
    kept.count += 1;
    const last = this.#ignored[kept.at];
    if (kept.count <= keptOfAKind || last === undefined) {
      kept.at = this.#ignored.push({ source, section, key, value, problem: details() }) - 1;
      return;
    }
    const alike = { count: (last.alike?.count ?? 0) + 1, lastLine: source.line };
    this.#ignored[kept.at] = { ...last, alike };
  }
}

/** Limit of the lines that are kept for each problem of a file. A user who corrects these knows how to correct the others. */
const keptOfAKind = 20;

/** Invalid values of known settings are never counted together with other lines, since such a setting may decide the result. */
function kindOf(section: string, key: string, problem: IgnoredProblem, version: number): string {
  const code = problem.code === 'stray' ? `stray ${problem.problem}` : problem.code;
  const isKnown =
    key !== '' && (problem.code !== 'unknown-setting' || directiveSections(key, version).length > 0);
  return isKnown ? `${code} ${section} ${key}` : code;
}

/** Sections whose directives are in the table; in all others (`[Socket]`, `[Timer]` ...) every assignment counts. */
const hasTable: ReadonlySet<string> = new Set(['Unit', 'Service', 'Install', 'Manager']);

/** The directives that an assignment sets: its own, the one that an older name stands for, or the two that TimeoutSec= stands for. */
function meanings(directive: Directive): readonly string[] {
  if (directive.section === 'Service' && directive.name === 'TimeoutSec') {
    return ['TimeoutStartSec', 'TimeoutStopSec'];
  }
  return [directive.canonical?.name ?? directive.name];
}
