import { DIRECTIVE_ROWS, type DirectiveRow, ENUMERATIONS, type EnumerationRow } from './directive-table.ts';
import { nearest } from './nearest.ts';
import { remember, rememberSome } from './remember.ts';
import { parseUnitName } from './unit-name.ts';
import { parseBoolean } from './values/boolean.ts';
import { type CommandProblem, parseCommandLines } from './values/command-line.ts';
import { parseExitStatusWords } from './values/exit-status.ts';
import { parseInt32, parseUnsigned, parseUnsigned64 } from './values/integer.ts';
import { parseMode } from './values/mode.ts';
import { hasDotDot, isAbsolutePath, simplifyPath } from './values/path.ts';
import { parseResourceLimit, resourceLimitUnit } from './values/resource-limit.ts';
import { parseSignal } from './values/signal.ts';
import { isMemoryLimit, isTasksMax, parsePermyriad } from './values/size.ts';
import { type InvalidSpecifier, mayHaveSpecifiers } from './values/specifier.ts';
import { parseNanoseconds, parseTimeSpan } from './values/time-span.ts';
import { extractWords, type WordOptions } from './values/words.ts';

/** The sections whose directives are known here: that of services, those that all units share, and that of system.conf and user.conf. */
export const SECTIONS = ['Unit', 'Service', 'Install', 'Manager'] as const;
export type Section = (typeof SECTIONS)[number];

/** A directive as one version of systemd reads it. */
export type Directive = {
  readonly section: Section;
  readonly name: string;
  /** How its value is written, such as `time-span` or `boolean`; `enum` and a name for an enumeration. */
  readonly kind: string;
  /** Whether assignments add up; otherwise the last valid one counts. */
  readonly list: boolean;
  /**
   * What an empty assignment does. `resets`: it empties the list; `default`: it takes a scalar back to its default; `invalid`:
   * systemd warns, and the earlier value stays; `keeps`: it does nothing (dependencies); `counts`: it is a value (`Delegate=`
   * switches delegation on).
   */
  readonly empty: 'resets' | 'default' | 'invalid' | 'keeps' | 'counts';
  /** The first version that has it; undefined when 245 has it already. */
  readonly since: number | undefined;
  /** The first version that no longer has it; undefined when 262 still has it. */
  readonly until: number | undefined;
  /** For an older name, or an older section: the directive that it stands for. */
  readonly canonical: { readonly section: Section; readonly name: string } | undefined;
  /** Whether systemd accepts it and does nothing, whatever its value (`config_parse_warn_compat()`). */
  readonly ignored: boolean;
  /** The values of an enumeration in this version. systemd may accept booleans and numbers as well. */
  readonly values: readonly string[] | undefined;
  /** Whether systemd refuses the whole unit for an invalid value. */
  readonly fatal: boolean;
};

/**
 * Finds a directive as `version` knows it. Names and sections are case-sensitive.
 *
 * Source: `src/core/load-fragment-gperf.gperf.in` and the configuration table in `src/core/main.c` of systemd 245 to 262.
 *
 * @param version systemd's major version, such as 252
 * @returns undefined for a directive that the version does not know: systemd ignores it with a warning
 * @example
 * import { findDirective } from 'daruma/systemd';
 *
 * findDirective('Unit', 'StartLimitIntervalSec', 252)?.kind; // 'time-span'
 * findDirective('Service', 'StartLimitIntervalSec', 252); // undefined
 */
export function findDirective(section: string, name: string, version: number): Directive | undefined {
  for (const variant of variantsNamed(section, name)) {
    if (version >= variant.from && version < variant.to) return variant.directive;
  }
  return undefined;
}

/**
 * Lists the directives of a section that `version` knows.
 *
 * Source: as for {@link findDirective}.
 *
 * @param section `Unit`, `Service`, `Install` or `Manager`; of any other section no directives are known
 * @param version systemd's major version, such as 252
 * @example
 * import { directivesOf } from 'daruma/systemd';
 *
 * const names = directivesOf('Service', 252).map(directive => directive.name);
 * names.includes('RestartSec'); // true
 * names.includes('RestartSteps'); // false
 */
export function directivesOf(section: string, version: number): readonly Directive[] {
  return [...(ROWS.get(section)?.keys() ?? [])].flatMap(name => findDirective(section, name, version) ?? []);
}

/**
 * The versions that have a directive: `since` is the first one (absent when 245 has it already), `until` the first one that no
 * longer has it. Undefined for a name that no version has.
 *
 * @example
 * versionsOf('Service', 'RestartSteps'); // { since: 254 }
 */
export function versionsOf(
  section: string,
  name: string,
): { readonly since?: number; readonly until?: number } | undefined {
  const directive = variantsNamed(section, name)[0]?.directive;
  return (
    directive && {
      ...(directive.since !== undefined && { since: directive.since }),
      ...(directive.until !== undefined && { until: directive.until }),
    }
  );
}

/** The sections of unit files in which `version` knows a directive of that name. */
export function sectionsOf(name: string, version: number): readonly Section[] {
  return SECTIONS.filter(section => section !== 'Manager' && findDirective(section, name, version));
}

/**
 * Guesses which directive an unknown name was meant to be: the same name in another section, written with that section
 * (`Unit.StartLimitIntervalSec`), else the most similar name of the same section.
 *
 * @param version systemd's major version, such as 252
 * @returns undefined when no name is similar, and when another version knows this very name
 * @example
 * import { suggestDirective } from 'daruma/systemd';
 *
 * suggestDirective('Service', 'Restrat', 252); // 'Restart'
 * suggestDirective('Service', 'StartLimitIntervalSec', 252); // 'Unit.StartLimitIntervalSec'
 */
export function suggestDirective(section: string, name: string, version: number): string | undefined {
  if (versionsOf(section, name)) return undefined;
  const [elsewhere] = section === 'Manager' ? [] : sectionsOf(name, version);
  if (elsewhere !== undefined) return `${elsewhere}.${name}`;
  return nearest(
    name,
    directivesOf(section, version)
      .filter(({ ignored }) => !ignored)
      .map(directive => directive.name),
  );
}

/** Why systemd does not accept a value, or a part of it. */
export type ValueProblem =
  /** The value is empty, which this directive does not allow; the earlier value stays. */
  | { readonly code: 'empty' }
  /** The text is not written as values of this kind are. */
  | { readonly code: 'malformed'; readonly expected: ExpectedValue }
  /** The number is outside the range that systemd allows. */
  | { readonly code: 'out-of-range'; readonly min: number; readonly max: number }
  /** The enumeration has no such value; `since`: the first version that has it; `suggestion`: the most similar value. */
  | {
      readonly code: 'unknown-value';
      readonly values: readonly string[];
      readonly since?: number;
      readonly suggestion?: string;
    }
  /** systemd ignores these words of a list; `rest`: whether there are others, which count. */
  | { readonly code: 'bad-words'; readonly words: readonly string[]; readonly rest: boolean }
  /** The path does not begin with a slash. */
  | { readonly code: 'path-not-absolute'; readonly path: string }
  /** The path contains `..`. */
  | { readonly code: 'path-not-normalized'; readonly path: string }
  /** The version does not know this `%` specifier. */
  | { readonly code: 'invalid-specifier'; readonly specifier: string }
  /**
   * systemd does not accept a command of `Exec*=`; `rest`: whether there are commands before it, which count, unless systemd
   * refuses the unit.
   */
  | { readonly code: 'bad-command'; readonly problem: CommandProblem; readonly rest: boolean };

/** What a value that is `malformed` should have been. */
export type ExpectedValue =
  | 'boolean'
  | 'time-span'
  | 'integer'
  | 'signal'
  | 'mode'
  | 'resource-limit'
  | 'memory-limit'
  | 'tasks-max'
  | 'percentage'
  | 'weight';

/** What systemd does with a value: it accepts all of it, or ignores it or a part of it, or refuses the unit; `fatal` is then the unit's `LoadState`. */
export type Validity =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: ValueProblem; readonly fatal?: 'bad-setting' | 'error' };

/** How {@link validateValue} judges. */
export type ValidateOptions = {
  /** systemd's major version, such as 252. */
  readonly version: number;
  /**
   * Expands `%` specifiers; returns undefined when a value is not known. Without this function, and in that case, text
   * with a specifier is not judged.
   */
  readonly expandSpecifiers?: (text: string) => string | InvalidSpecifier | undefined;
};

/**
 * Decides whether systemd accepts a value. It reports a problem only where systemd would really not accept the value: every
 * value is `ok` where the grammar is not known here.
 *
 * Source: the parsers in `src/core/load-fragment.c` and `src/shared/conf-parser.c` of systemd 245 to 262.
 *
 * @param value as {@link parseUnitFile} gives it: continuation lines joined, white space around it removed
 * @example
 * import { findDirective, validateValue } from 'daruma/systemd';
 *
 * const restartSec = findDirective('Service', 'RestartSec', 252);
 * if (restartSec === undefined) throw new Error('not known');
 * validateValue(restartSec, '1min 30s', { version: 252 }); // { ok: true }
 * validateValue(restartSec, 'soon', { version: 252 }); // { ok: false, reason: { code: 'malformed', expected: 'time-span' } }
 */
export function validateValue(directive: Directive, value: string, options: ValidateOptions): Validity {
  return mayHaveSpecifiers(value)
    ? judge(directive, value, options)
    : judgements(options.version)(directive)(value);
}

/** Judgements are kept, because units have many lines in common: `Type=simple`, `After=network.target`. */
const judgements = remember((version: number) =>
  remember((directive: Directive) =>
    rememberSome(valuesKept, (value: string) => judge(directive, value, { version })),
  ),
);
const valuesKept = 128;

function judge(directive: Directive, value: string, options: ValidateOptions): Validity {
  if (value === '') return directive.empty === 'invalid' ? refuse({ code: 'empty' }, directive) : OK;
  if (directive.values?.includes(value)) return OK;
  if (directive.kind.startsWith('enum ')) {
    const problem = checkEnumeration(directive.kind.slice(5), value, options.version);
    return problem ? refuse(problem, directive) : OK;
  }
  const result = KINDS.get(directive.kind)?.check?.(value, options, directive);
  if (result === undefined) return OK;
  return 'ok' in result ? result : refuse(result, directive);
}

const OK: Validity = { ok: true };

function refuse(reason: ValueProblem, { fatal }: Directive): Validity {
  return fatal ? { ok: false, reason, fatal: 'bad-setting' } : { ok: false, reason };
}

/** A check gives undefined for a valid value, else the problem, or the whole answer where the kind itself decides what is fatal. */
type Check = (
  value: string,
  options: ValidateOptions,
  directive: Directive,
) => ValueProblem | Validity | undefined;
type Kind = { readonly list?: true; readonly empty: Directive['empty']; readonly check?: Check };

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>(
  Object.entries({
    boolean: { empty: 'invalid', check: is('boolean', parseBoolean) },
    tristate: { empty: 'default', check: is('boolean', parseBoolean) },
    'time-span': { empty: 'invalid', check: is('time-span', parseTimeSpan) },
    // TimeoutStartSec=0 and its like switch the timeout off: parse_sec_fix_0().
    'time-span-0-is-infinite': { empty: 'invalid', check: is('time-span', parseTimeSpan) },
    'time-span-or-nothing': { empty: 'default', check: is('time-span', parseTimeSpan) },
    'watchdog-time': {
      empty: 'invalid',
      check: is('time-span', value => (value === 'off' || value === 'default' ? 0 : parseTimeSpan(value))),
    },
    nanoseconds: { empty: 'invalid', check: is('time-span', parseNanoseconds) },
    'pressure-duration': { empty: 'default', check: checkPressureDuration },
    unsigned: { empty: 'invalid', check: is('integer', parseUnsigned) },
    'unsigned-or-nothing': { empty: 'default', check: is('integer', parseUnsigned) },
    nice: { empty: 'default', check: isInteger(-20, 19) },
    'oom-score': { empty: 'default', check: isInteger(-1000, 1000) },
    'cpu-scheduling-priority': { empty: 'invalid', check: isInteger(0, 99) },
    'io-scheduling-priority': { empty: 'default', check: isInteger(0, 7) },
    'exit-status': { empty: 'default', check: isInteger(0, 255) },
    'exit-status-set': {
      list: true,
      empty: 'resets',
      check: (value, { version }) => {
        const { set, invalid } = parseExitStatusWords(value, version);
        return badWords(invalid, invalid.length + set.statuses.size + set.signals.size);
      },
    },
    signal: { empty: 'invalid', check: is('signal', parseSignal) },
    mode: { empty: 'invalid', check: is('mode', parseMode) },
    'resource-limit': {
      empty: 'invalid',
      check: (value, _, { name }) =>
        parseResourceLimit(value, resourceLimitUnit(name))
          ? undefined
          : { code: 'malformed', expected: 'resource-limit' },
    },
    'memory-limit': {
      empty: 'default',
      check: is('memory-limit', value => isMemoryLimit(value, false) || undefined),
    },
    'memory-limit-or-0': {
      empty: 'default',
      check: is('memory-limit', value => isMemoryLimit(value, true) || undefined),
    },
    'tasks-max': { empty: 'default', check: is('tasks-max', value => isTasksMax(value) || undefined) },
    'cpu-quota': { empty: 'default', check: is('percentage', value => parsePermyriad(value) || undefined) },
    share: {
      empty: 'default',
      check: is('percentage', value => ((parsePermyriad(value) ?? Infinity) <= 10_000 ? true : undefined)),
    },
    weight: { empty: 'default', check: checkWeight },
    'cpu-weight': { empty: 'default', check: value => (value === 'idle' ? undefined : checkWeight(value)) },
    commands: { list: true, empty: 'resets', check: checkCommands },
    dependencies: { list: true, empty: 'keeps', check: checkDependencies },
    environment: {
      list: true,
      empty: 'resets',
      check: (value, options) =>
        checkEnvironment(value, options, { unquote: true, cUnescape: true }, /^[A-Za-z_]\w*=/),
    },
    'environment-names': {
      list: true,
      empty: 'resets',
      check: (value, options) => checkEnvironment(value, options, { unquote: true }, /^[A-Za-z_]\w*$/),
    },
    'environment-file': {
      list: true,
      empty: 'resets',
      check: (value, options) => checkPath(value, options, /^-/),
    },
    documentation: { list: true, empty: 'resets', check: checkDocumentation },
    'condition-path': {
      list: true,
      empty: 'resets',
      check: (value, options) => checkPath(value.replace(/^\|?!?/, ''), options),
    },
    path: { empty: 'default', check: (value, options) => checkPath(value, options) },
    'working-directory': { empty: 'default', check: checkWorkingDirectory },
    user: { empty: 'default', check: checkUser },
    string: { empty: 'default', check: checkSpecifiers },
    'pid-file': { empty: 'default', check: checkPidFile },
    'bus-name': { empty: 'invalid', check: checkBusName },
    delegate: { list: true, empty: 'counts' },
    'standard-input': { empty: 'invalid', check: checkStandardStream },
    'standard-output': { empty: 'invalid', check: checkStandardStream },
    ignored: { empty: 'keeps' },
    'opaque-list': { list: true, empty: 'resets' },
    'opaque-list-kept': { list: true, empty: 'keeps' },
    opaque: { empty: 'default' },
    'opaque-required': { empty: 'invalid' },
  } satisfies Record<string, Kind>),
);

const ENUMERATION_OF: ReadonlyMap<string, EnumerationRow> = new Map(Object.entries(ENUMERATIONS));

type Variant = { readonly from: number; readonly to: number; readonly directive: Directive };

/** By section and name. */
const ROWS: ReadonlyMap<string, ReadonlyMap<string, DirectiveRow>> = new Map(
  Array.from(
    Map.groupBy(DIRECTIVE_ROWS as readonly DirectiveRow[], ([section]) => section),
    ([section, rows]) => [section, new Map(rows.map(row => [row[1], row]))],
  ),
);

/** They are made when a directive is looked up: a unit has a dozen of them, and the table several hundred. */
const variantsIn = remember(variantsOf);

function variantsNamed(section: string, name: string): readonly Variant[] {
  const row = ROWS.get(section)?.get(name);
  return row === undefined ? [] : variantsIn(row);
}

/** One entry for each span of versions in which a directive has the same kind and the same values. */
function variantsOf([sectionName, name, firstKind, more = {}]: DirectiveRow): readonly Variant[] {
  const section = SECTIONS.find(known => known === sectionName);
  if (!section) throw new Error(`directive-table.ts has a section that is not known here: ${sectionName}`);
  const kinds: readonly (readonly [number, string])[] = [
    [more.since ?? 0, firstKind],
    ...(more.becomes ?? []),
  ];
  const end = more.until ?? Number.POSITIVE_INFINITY;
  const canonical = more.canonical && canonicalOf(more.canonical);
  return kinds.flatMap(([firstFrom, kind], index) => {
    const lastTo = kinds[index + 1]?.[0] ?? end;
    const enumeration = kind.startsWith('enum ') ? ENUMERATION_OF.get(kind.slice(5)) : undefined;
    const shape = enumeration ? shapeOf(enumeration) : KINDS.get(kind);
    if (!shape) throw new Error(`directive-table.ts has a kind that is not explained here: ${kind}`);
    const newValues = (enumeration?.values ?? []).flatMap(entry =>
      typeof entry === 'string' ? [] : [entry[1]],
    );
    const starts = [
      ...new Set([firstFrom, ...newValues.filter(version => version > firstFrom && version < lastTo)]),
    ].sort((a, b) => a - b);
    return starts.map((from, start) => ({
      from,
      to: starts[start + 1] ?? lastTo,
      directive: {
        section,
        name,
        kind,
        list: shape.list ?? false,
        empty: shape.empty,
        since: more.since,
        until: more.until,
        canonical,
        ignored: kind === 'ignored',
        values: enumeration && namesOf(enumeration, from),
        fatal: more.fatal === true,
      },
    }));
  });
}

function shapeOf({ emptyIsDefault }: EnumerationRow): Kind {
  return { empty: emptyIsDefault ? 'default' : 'invalid' };
}

function canonicalOf([sectionName, name]: readonly [string, string]): Directive['canonical'] {
  const section = SECTIONS.find(known => known === sectionName);
  return section && { section, name };
}

function namesOf(enumeration: EnumerationRow, version: number): readonly string[] {
  return enumeration.values.flatMap(entry =>
    typeof entry === 'string' ? [entry] : version >= entry[1] ? [entry[0]] : [],
  );
}

function is(expected: ExpectedValue, parse: (value: string) => unknown): Check {
  return value => (parse(value) === undefined ? { code: 'malformed', expected } : undefined);
}

function isInteger(min: number, max: number): Check {
  return value => {
    if (parseInt32(value, min, max) !== undefined) return undefined;
    return parseInt32(value) === undefined
      ? { code: 'malformed', expected: 'integer' }
      : { code: 'out-of-range', min, max };
  };
}

function checkWeight(value: string): ValueProblem | undefined {
  const weight = parseUnsigned64(value);
  if (weight === undefined) return { code: 'malformed', expected: 'weight' };
  return weight >= 1n && weight <= 10_000n ? undefined : { code: 'out-of-range', min: 1, max: 10_000 };
}

function checkPressureDuration(value: string): ValueProblem | undefined {
  const usec = parseTimeSpan(value);
  return usec !== undefined && usec >= 1_000_000 && usec !== Number.POSITIVE_INFINITY
    ? undefined
    : { code: 'malformed', expected: 'time-span' };
}

function checkEnumeration(name: string, value: string, version: number): ValueProblem | undefined {
  const enumeration = ENUMERATION_OF.get(name);
  if (!enumeration) return undefined;
  const values = namesOf(enumeration, version);
  if (values.includes(value)) return undefined;
  if (enumeration.boolean && parseBoolean(value) !== undefined) return undefined;
  if (enumeration.numberUpTo !== undefined && parseUnsigned(value, enumeration.numberUpTo) !== undefined)
    return undefined;
  const newer = enumeration.values.find(entry => typeof entry !== 'string' && entry[0] === value);
  const suggestion = newer ? undefined : nearest(value, values);
  return {
    code: 'unknown-value',
    values,
    ...(newer && { since: Number(newer[1]) }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** `fd:`, `file:`, `append:` and `truncate:` carry a name or a path, the rest is an enumeration. Source: `config_parse_exec_output()`. */
function checkStandardStream(
  value: string,
  options: ValidateOptions,
  { kind, section }: Directive,
): ValueProblem | undefined {
  const [, prefix = '', path = ''] = /^(fd|file|append|truncate):(.*)$/s.exec(value) ?? [];
  const input = kind === 'standard-input';
  if (section === 'Manager' || prefix === '' || (input && (prefix === 'append' || prefix === 'truncate'))) {
    return checkEnumeration(input ? 'exec_input' : 'exec_output', value, options.version);
  }
  if (prefix === 'truncate' && options.version < 248)
    return checkEnumeration('exec_output', value, options.version);
  return prefix === 'fd' ? checkSpecifiers(path, options) : checkPath(path, options);
}

function checkCommands(value: string, options: ValidateOptions): Validity | undefined {
  const { commands, problem, fatal } = parseCommandLines(value, {
    ...options,
    expandSpecifiers: word => options.expandSpecifiers?.(word) ?? word,
  });
  if (!problem) return undefined;
  // The path has a specifier whose value is not known here, and may become an absolute path.
  if ('path' in problem && expand(problem.path, options) === undefined) return undefined;
  return {
    ok: false,
    reason: { code: 'bad-command', problem, rest: commands.length > 0 },
    ...(fatal && { fatal }),
  };
}

/** systemd ignores each word that is no unit name. Source: `config_parse_unit_deps()`. */
function checkDependencies(value: string, options: ValidateOptions): ValueProblem | undefined {
  const { words } = extractWords(value, { retainEscape: true });
  return badWords(
    words.filter(word => {
      const name = expand(word, options);
      return name !== undefined && (typeof name !== 'string' || !parseUnitName(name));
    }),
    words.length,
  );
}

function checkEnvironment(
  value: string,
  options: ValidateOptions,
  quoting: WordOptions,
  valid: RegExp,
): ValueProblem | undefined {
  const { words, rest } = extractWords(value, quoting);
  const bad = words.filter(word => {
    const assignment = expand(word, options);
    return assignment !== undefined && (typeof assignment !== 'string' || !valid.test(assignment));
  });
  // systemd ignores the line from an open quote, or an unknown escape, on.
  return rest === undefined ? badWords(bad, words.length) : badWords([...bad, rest], words.length + 1);
}

function checkDocumentation(value: string, options: ValidateOptions): ValueProblem | undefined {
  const { words, rest } = extractWords(value, { unquote: true });
  const bad = words.filter(word => {
    const url = expand(word, options);
    return (
      url !== undefined && (typeof url !== 'string' || !/^(?:https?:\/\/|file:\/|info:|man:)./s.test(url))
    );
  });
  return rest === undefined ? badWords(bad, words.length) : badWords([...bad, rest], words.length + 1);
}

function checkWorkingDirectory(value: string, options: ValidateOptions): Validity | undefined {
  const path = value.replace(/^-/, '');
  if (path === '~') return undefined;
  const reason = path === '' ? ({ code: 'path-not-absolute', path } as const) : checkPath(path, options);
  if (!reason) return undefined;
  return value.startsWith('-') ? { ok: false, reason } : { ok: false, reason, fatal: 'bad-setting' };
}

/** systemd accepts nearly every name, whether such a user exists or not. Source: `config_parse_user_group_compat()`, `valid_user_group_name()`. */
function checkUser(value: string, options: ValidateOptions): Validity | undefined {
  const reason = checkSpecifiers(value, options);
  if (reason) return { ok: false, reason, fatal: 'bad-setting' };
  const name = expand(value, options);
  if (typeof name !== 'string' || isUserName(name)) return undefined;
  return { ok: false, reason: { code: 'bad-words', words: [name], rest: false }, fatal: 'bad-setting' };
}

function isUserName(name: string): boolean {
  // Two numbers mean that there is no user: -1 as an unsigned number of 32 bits, and of 16.
  if (/^-?\d+$/.test(name))
    return /^(?:0|[1-9]\d*)$/.test(name) && Number(name) < 2 ** 32 - 1 && name !== '65535';
  return name !== '' && name !== '.' && name !== '..' && !/^ | $|[\p{Cc}:/]/u.test(name);
}

function checkSpecifiers(value: string, options: ValidateOptions): ValueProblem | undefined {
  const expanded = expand(value, options);
  return typeof expanded === 'object'
    ? { code: 'invalid-specifier', specifier: expanded.invalid }
    : undefined;
}

/** systemd takes a relative path from the runtime directory, and refuses the unit for a path with `..`. Source: `config_parse_pid_file()`. */
function checkPidFile(value: string, options: ValidateOptions): Validity | undefined {
  const invalid = checkSpecifiers(value, options);
  if (invalid) return { ok: false, reason: invalid };
  const expanded = expand(value, options);
  if (typeof expanded !== 'string') return undefined;
  const reason = checkPath(isAbsolutePath(expanded) ? expanded : `/run/${expanded}`, options);
  return reason && { ok: false, reason, fatal: 'error' };
}

/** Source: `sd_bus_service_name_is_valid()`. */
function checkBusName(value: string, options: ValidateOptions): ValueProblem | undefined {
  const name = expand(value, options);
  if (name === undefined) return undefined;
  if (typeof name !== 'string') return { code: 'invalid-specifier', specifier: name.invalid };
  return name.length <= 255 && BUS_NAME.test(name) ? undefined : badWords([name], 1);
}

/** At least two parts with dots between them; only unique names (`:1.5`) have parts that begin with a digit. */
const BUS_NAME = /^(?:[A-Za-z_-][\w-]*(?:\.[A-Za-z_-][\w-]*)+|:[\w-]+(?:\.[\w-]+)+)$/;

/** Source: `path_simplify_and_warn()` in `src/shared/parse-helpers.c`. */
function checkPath(value: string, options: ValidateOptions, prefix?: RegExp): ValueProblem | undefined {
  const expanded = expand(value, options);
  if (expanded === undefined) return undefined;
  if (typeof expanded !== 'string') return { code: 'invalid-specifier', specifier: expanded.invalid };
  if (expanded === '') return undefined;
  const path = prefix ? expanded.replace(prefix, '') : expanded;
  if (!isAbsolutePath(path)) return { code: 'path-not-absolute', path };
  const simple = simplifyPath(path);
  // `..` of the root directory is the root directory itself; path_simplify() removes it since 255.
  const below = options.version >= 255 ? simple.replace(/^(?:\/\.\.(?=\/|$))+/, '') : simple;
  return hasDotDot(below) ? { code: 'path-not-normalized', path } : undefined;
}

/** The text with its specifiers expanded; undefined when the value of one is not known. */
function expand(text: string, options: ValidateOptions): string | InvalidSpecifier | undefined {
  if (!text.includes('%')) return text;
  return options.expandSpecifiers?.(text);
}

/** @param all the number of words, the bad ones included */
function badWords(words: readonly string[], all: number): ValueProblem | undefined {
  return words.length > 0 ? { code: 'bad-words', words, rest: words.length < all } : undefined;
}
