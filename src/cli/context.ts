/** Reads the options that all commands share. */
import { type Catalogue, languages } from '../i18n/catalogue.ts';
import { findingsFormats } from '../report/findings/load-report.ts';
import type { Viewpoint } from '../report/place.ts';
import type { Terminal } from '../report/terminal.ts';
import { oldestKnownVersion } from '../systemd/host/version.ts';
import { badInput, exclusive } from './failure.ts';
import type { Run } from './io.ts';
import type { CommonOptions } from './options.ts';
import { describeTerminal } from './settings.ts';
import type { TargetOptions } from './targets.ts';

export interface Context<Format extends string = TableFormat> extends Run {
  readonly terminal: Terminal;
  readonly format: Format | 'json';
  readonly targets: TargetOptions;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly viewpoint: Viewpoint;
}

/** Output formats of commands that show tables. */
export const tableFormats = ['human', 'json'] as const;
type TableFormat = (typeof tableFormats)[number];

/**
 * Reads the options of a command with the output formats of tables.
 *
 * @throws Failure for an invalid value of an option
 */
export function readContext(options: CommonOptions, run: Run): Context {
  return readContextWith(tableFormats, options, run);
}

/**
 * Reads the options of a command with its own output formats.
 *
 * @param formats the first one is the default
 * @throws Failure for an invalid value of an option
 */
export function readContextWith<Format extends string>(
  formats: readonly [Format, ...Format[]],
  options: CommonOptions,
  run: Run,
): Context<Format> {
  const { catalogue, io, environment } = run;
  if (options.user && options.system) {
    throw exclusive('--user', '--system', catalogue);
  }
  readChoice('--lang', options.lang, languages, catalogue);
  let terminal: Terminal | undefined;
  return {
    ...run,
    // Node takes milliseconds to open the stream, and what delivers messages writes nothing to it.
    get terminal() {
      return (terminal ??= describeTerminal(io.stdout, options.color, environment));
    },
    format: readFormat(formats, options, catalogue),
    targets: {
      scope: options.system ? 'system' : 'user',
      root: options.root,
      home: options.home,
      systemdVersion: readVersion(options.systemd, catalogue),
    },
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
    viewpoint: { workingDirectory: io.workingDirectory, home: environment['HOME'] },
  };
}

function readFormat<Format extends string>(
  formats: readonly [Format, ...Format[]],
  { format: wanted, json }: CommonOptions,
  catalogue: Catalogue,
): Format | 'json' {
  if (json && wanted !== undefined && wanted !== 'json') throw exclusive('--format', '--json', catalogue);
  const { errors } = catalogue;
  const format = wanted === undefined ? formats[0] : formats.find(known => known === wanted);
  if (format === undefined) {
    const hint = isFindingsFormat(wanted) ? errors.didYouMean(`daruma check --format ${wanted}`) : undefined;
    const message = errors.badChoice('--format', wanted ?? '', formats.join(', '));
    throw badInput('bad-choice', message, '--format', hint);
  }
  return json ? 'json' : format;
}

function isFindingsFormat(text: string | undefined): boolean {
  return findingsFormats.some(format => format === text);
}

/** @throws Failure for what is none of the choices */
export function readChoice<Choice extends string>(
  option: string,
  value: string | undefined,
  choices: readonly Choice[],
  { errors }: Catalogue,
): Choice | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find(known => known === value);
  if (choice !== undefined) return choice;
  throw badInput('bad-choice', errors.badChoice(option, value, choices.join(', ')), option);
}

/** @throws Failure for options that name another host, in a command that works on the running machine only */
export function expectHere(
  what: string,
  { root, home }: Pick<CommonOptions, 'root' | 'home'>,
  catalogue: Catalogue,
): void {
  if (root !== undefined) throw exclusive(what, '--root', catalogue);
  if (home !== undefined) throw exclusive(what, '--home', catalogue);
}

function readVersion(text: string | undefined, { errors }: Catalogue): number | undefined {
  if (text === undefined) return undefined;
  const version = /^\d{3}$/.test(text) ? Number(text) : 0;
  if (version < oldestKnownVersion) {
    throw badInput('bad-version', errors.badVersion(text, oldestKnownVersion), '--systemd');
  }
  return version;
}
