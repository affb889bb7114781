/**
 * What assignments mean when several files say something: later ones replace scalars and add to lists, invalid ones are
 * passed over, and every line that systemd would ignore is kept with the reason.
 * Source: systemd.syntax(7); systemd.unit(5); `config_parse()` and the parsers of `load-fragment.c`.
 */
import {
  type Directive,
  findDirective,
  suggestDirective,
  type ValueProblem,
  validateValue,
  versionsOf,
} from './directives.ts';
import type { Source } from './service-settings.ts';
import type { AssignmentItem, StrayItem, UnitFile, UnitFileFatal } from './unit-file.ts';
import type { InvalidSpecifier } from './values/specifier.ts';

/** One assignment that counts. */
export interface Assigned {
  /** As written, specifiers not expanded; empty when only a part of a list's words is left out. */
  readonly value: string;
  readonly source: Source;
}

/** A line, or a part of one, that systemd passes over. */
export interface IgnoredLine {
  readonly source: Source;
  /** Empty for a line that is no assignment. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly problem: IgnoredProblem;
}

export type IgnoredProblem =
  | { readonly code: 'stray'; readonly problem: StrayItem['problem'] }
  | { readonly code: 'unknown-section' }
  /** `suggestion` is a near name, with its section when it stands in the wrong one; `since` the version that has it. */
  | { readonly code: 'unknown-setting'; readonly suggestion?: string; readonly since?: number }
  /** Known, and without effect in this version. */
  | { readonly code: 'no-effect' }
  /** `partly`: only some words are passed over. */
  | { readonly code: 'bad-value'; readonly reason: ValueProblem; readonly partly: boolean }
  /** systemd stops reading a drop-in here; what comes behind does not count. */
  | { readonly code: 'unread'; readonly problem: UnitFileFatal['problem'] | 'fatal-value' };

/** Where reading stopped for good. */
export type ReadFailure =
  | { readonly code: 'syntax'; readonly problem: UnitFileFatal['problem']; readonly source: Source }
  | {
      readonly code: 'bad-value';
      readonly key: string;
      readonly reason: ValueProblem;
      readonly source: Source;
      /** What it makes of a unit. */
      readonly load: 'bad-setting' | 'error';
    };

type BadValue = Extract<ReadFailure, { readonly code: 'bad-value' }>;

export interface ReadOptions {
  /** The sections that this kind of file has. */
  readonly sections: ReadonlySet<string>;
  readonly version: number;
  /** Undefined where it is not known what they stand for: then the text is not judged. */
  readonly expandSpecifiers?: (text: string) => string | InvalidSpecifier | undefined;
}

/** Collects the assignments of one unit, or of one manager's configuration, file after file. */
export class Assignments {
  readonly #options: ReadOptions;
  /** By section and name. */
  readonly #assigned = new Map<string, Map<string, Assigned[]>>();
  readonly #ignored: IgnoredLine[] = [];

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  /** The assignments that count: all of a list, at most one of a scalar. Legacy names are found under their new ones. */
  get(section: string, name: string): readonly Assigned[] {
    return this.#assigned.get(section)?.get(name) ?? [];
  }

  /** The assignment of a scalar that counts. */
  last(section: string, name: string): Assigned | undefined {
    return this.#assigned.get(section)?.get(name)?.at(-1);
  }

  get ignored(): readonly IgnoredLine[] {
    return this.#ignored;
  }

  /**
   * Takes in one file.
   *
   * @returns where systemd stops reading it, if it does: that refuses a unit, and cuts a drop-in short
   */
  read(file: string, parsed: UnitFile): ReadFailure | undefined {
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

  /** Notes that a drop-in was cut short. */
  noteUnread(failure: ReadFailure): void {
    const problem = failure.code === 'syntax' ? failure.problem : 'fatal-value';
    this.#ignore(failure.source, '', '', '', { code: 'unread', problem });
  }

  #isKnownSection(section: string): boolean {
    return section.startsWith('X-') || this.#options.sections.has(section);
  }

  /** @returns why the whole unit is refused, if it is */
  #assign(item: AssignmentItem, source: Source): Pick<BadValue, 'reason' | 'load'> | undefined {
    const { section, key, value } = item;
    if (!this.#options.sections.has(section)) return undefined;
    const { version } = this.#options;
    const directive = findDirective(section, key, version);
    if (directive === undefined) {
      if (!hasTable.has(section)) this.#add(section, key, true, { value, source });
      else if (!key.startsWith('X-')) this.#ignore(source, section, key, value, this.#unknown(section, key));
      return undefined;
    }
    if (directive.ignored) {
      this.#ignore(source, section, key, value, { code: 'no-effect' });
      return undefined;
    }
    const validity = validateValue(directive, value, this.#options);
    if (!validity.ok) {
      if (validity.fatal !== undefined) return { reason: validity.reason, load: validity.fatal };
      const { code } = validity.reason;
      const partly = directive.list && (code === 'bad-words' || code === 'bad-command');
      this.#ignore(source, section, key, value, { code: 'bad-value', reason: validity.reason, partly });
      if (!partly) return undefined;
    }
    for (const name of meanings(directive)) this.#store(directive, name, value, source);
    return undefined;
  }

  #store(directive: Directive, name: string, value: string, source: Source): void {
    const section = directive.canonical?.section ?? directive.section;
    if (value !== '' || directive.empty === 'counts')
      this.#add(section, name, directive.list, { value, source });
    else if (directive.empty !== 'keeps') this.#assigned.get(section)?.delete(name);
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

  #ignore(source: Source, section: string, key: string, value: string, problem: IgnoredProblem): void {
    this.#ignored.push({ source, section, key, value, problem });
  }
}

/** Sections whose directives are in the table; of the others (`[Socket]`, `[Timer]` ...) everything is taken. */
const hasTable: ReadonlySet<string> = new Set(['Unit', 'Service', 'Install', 'Manager']);

/** The directives that an assignment sets: its own, the one an older name means, or both that TimeoutSec= stands for. */
function meanings(directive: Directive): readonly string[] {
  if (directive.section === 'Service' && directive.name === 'TimeoutSec') {
    return ['TimeoutStartSec', 'TimeoutStopSec'];
  }
  return [directive.canonical?.name ?? directive.name];
}
