/** Reads the options that every command has. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { languages } from '../i18n/catalogue.ts';
import type { Terminal } from '../report/terminal.ts';
import { oldestKnownVersion } from '../systemd/host/version.ts';
import { badInput } from './failure.ts';
import type { CommonOptions } from './program.ts';
import { describeTerminal } from './settings.ts';
import type { TargetOptions } from './targets.ts';

export interface Context {
  readonly catalogue: Catalogue;
  readonly terminal: Terminal;
  readonly format: 'human' | 'json';
  readonly targets: TargetOptions;
  readonly quiet: boolean;
}

/** @throws Failure for values that an option does not take */
export function readContext(options: CommonOptions, catalogue: Catalogue): Context {
  const { errors } = catalogue;
  if (options.user && options.system) {
    throw badInput('exclusive-options', errors.exclusive('--user', '--system'), '--system');
  }
  expectChoice('--lang', options.lang, languages, catalogue);
  expectChoice('--format', options.format, formats, catalogue);
  return {
    catalogue,
    terminal: describeTerminal(process.stdout, options.color, process.env),
    format: options.json || options.format === 'json' ? 'json' : 'human',
    targets: {
      scope: options.system ? 'system' : 'user',
      root: options.root,
      home: options.home,
      systemdVersion: readVersion(options.systemd, catalogue),
    },
    quiet: options.quiet ?? false,
  };
}

const formats = ['human', 'json'] as const;

function expectChoice(
  option: string,
  value: string | undefined,
  choices: readonly string[],
  { errors }: Catalogue,
): void {
  if (value === undefined || choices.includes(value)) return;
  throw badInput('bad-choice', errors.badChoice(option, value, choices.join(', ')), option);
}

function readVersion(text: string | undefined, { errors }: Catalogue): number | undefined {
  if (text === undefined) return undefined;
  const version = /^\d{3}$/.test(text) ? Number(text) : 0;
  if (version < oldestKnownVersion) {
    throw badInput('bad-version', errors.badVersion(text, oldestKnownVersion), '--systemd');
  }
  return version;
}
