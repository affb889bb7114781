/** Reads the options that every command has. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { languages } from '../i18n/catalogue.ts';
import { findingsFormats } from '../report/findings/report.ts';
import type { Terminal } from '../report/terminal.ts';
import { oldestKnownVersion } from '../systemd/host/version.ts';
import { badInput, exclusive } from './failure.ts';
import type { CommonOptions } from './program.ts';
import { describeTerminal } from './settings.ts';
import type { TargetOptions } from './targets.ts';

export interface Context<Format extends string = TableFormat> {
  readonly catalogue: Catalogue;
  readonly terminal: Terminal;
  readonly format: Format | 'json';
  readonly targets: TargetOptions;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Formats of the commands that show tables. */
export const tableFormats = ['human', 'json'] as const;
type TableFormat = (typeof tableFormats)[number];

/**
 * Reads the options of a command that has the formats of tables.
 *
 * @throws Failure for values that an option does not take
 */
export function readContext(options: CommonOptions, catalogue: Catalogue): Context {
  return readContextWith(tableFormats, options, catalogue);
}

/**
 * Reads the options of a command that has formats of its own.
 *
 * @param formats the first of them is what comes without `--format`
 * @throws Failure for values that an option does not take
 */
export function readContextWith<Format extends string>(
  formats: readonly [Format, ...Format[]],
  options: CommonOptions,
  catalogue: Catalogue,
): Context<Format> {
  if (options.user && options.system) {
    throw exclusive('--user', '--system', catalogue);
  }
  expectChoice('--lang', options.lang, languages, catalogue);
  return {
    catalogue,
    terminal: describeTerminal(process.stdout, options.color, process.env),
    format: readFormat(formats, options, catalogue),
    targets: {
      scope: options.system ? 'system' : 'user',
      root: options.root,
      home: options.home,
      systemdVersion: readVersion(options.systemd, catalogue),
    },
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
  };
}

function readFormat<Format extends string>(
  formats: readonly [Format, ...Format[]],
  { format: wanted, json }: CommonOptions,
  { errors }: Catalogue,
): Format | 'json' {
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

function expectChoice(
  option: string,
  value: string | undefined,
  choices: readonly string[],
  { errors }: Catalogue,
): void {
  if (value === undefined || choices.includes(value)) return;
  throw badInput('bad-choice', errors.badChoice(option, value, choices.join(', ')), option);
}

/** @throws Failure where files of somewhere else are given, and only the running machine will do */
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
