/** `daruma completion` prints scripts for shells; `daruma complete` answers these scripts while the user types. */
import fs from 'node:fs';
import path from 'node:path';
import {
  type Command as CompletedCommand,
  type OptionHandler,
  RootCommand,
  ShellCompDirective,
} from '@bomb.sh/tab';
import type { Command, Option } from 'commander';
import { severities } from '../../check/severity.ts';
import { ruleIds } from '../../check/rule-ids.ts';
import { fallKinds } from '../../failover/live/fall.ts';
import { languages } from '../../i18n/catalogue.ts';
import { findingsFormats } from '../../report/findings/load-report.ts';
import { printable } from '../../report/printable.ts';
import { endingForms } from '../../restart/ending.ts';
import { completionScripts, shells } from '../completion-scripts.ts';
import { tableFormats } from '../context.ts';
import { actionsOf } from '../actions.ts';
import { shownCommands, shownOptions } from '../help.ts';
import { badInput, exclusive } from '../failure.ts';
import type { Io, Run } from '../io.ts';
import type { CommonOptions } from '../options.ts';
import { write } from '../output.ts';
import { openTargets } from '../targets.ts';
import { shortServiceName } from '../../systemd/unit-name.ts';

/**
 * Prints the script of a shell.
 *
 * @returns the exit code
 */
export async function completion(
  shell: string,
  { json, format }: CommonOptions,
  { io, catalogue }: Run,
): Promise<number> {
  const { errors } = catalogue;
  const known = shells.find(name => name === shell);
  if (known === undefined) {
    throw badInput('bad-choice', errors.badChoice('completion', shell, shells.join(', ')), shell);
  }
  // A script is for a shell, and nothing else.
  if (json || format !== undefined)
    throw exclusive('completion', format === undefined ? '--json' : '--format', catalogue);
  await write(io, completionScripts[known]);
  return 0;
}

/**
 * Answers a script with the possible values for the last word.
 *
 * @param words the words typed so far; the last one may be empty
 * @returns the exit code
 */
export async function complete(words: readonly string[], program: Command, run: Run): Promise<number> {
  const typed = words.at(-1) ?? '';
  const units = await unitNames(words, run);
  const { io } = run;
  const root = new RootCommand();
  addOptions(root, shownOptions(program), typed, io);
  for (const command of shownCommands(program)) {
    const completed = root.command(command.name(), command.description());
    addOptions(completed, [...shownOptions(program), ...shownOptions(command)], typed, io, command.name());
    for (const argument of command.registeredArguments) {
      const values = argumentChoices(argument.name(), typed, io, command.name()) ?? [
        ...units,
        ...pathsFrom(typed, io),
      ];
      const offer = (offered: (value: string, meaning: string) => void) => {
        for (const value of values) offered(value, '');
      };
      completed.argument(argument.name(), offer, argument.variadic);
    }
  }
  await write(io, answerOf(root, words));
  return 0;
}

/** The answer in the format that the scripts read, see `completion-scripts.ts`. */
function answerOf(root: RootCommand, words: readonly string[]): string {
  // The library would print to the standard output of the process and not to ours.
  Object.assign(root, { complete: () => {} });
  root.parse([...words]);
  const typed = words.at(-1) ?? '';
  const begun = typed.split('=')[1] ?? typed;
  const meanings = new Map(root.completions.map(({ value, description = '' }) => [value, description]));
  const lines = [...meanings].filter(([value]) => value.startsWith(begun)).map(entry => entry.join('\t'));
  return [...lines, `:${ShellCompDirective.ShellCompDirectiveNoFileComp}`, ''].join('\n');
}

/** The values of an argument that is not a unit. */
function argumentChoices(
  argument: string,
  typed: string,
  io: Io,
  command: string,
): readonly string[] | undefined {
  switch (argument) {
    case 'SHELL':
      return shells;
    case 'RULE':
      return ruleIds;
    case 'ACTION':
      return actionsOf.get(command);
    case 'FILE':
      return pathsFrom(typed, io, yamlFile);
    default:
      return undefined;
  }
}

function addOptions(
  command: CompletedCommand,
  options: readonly Option[],
  typed: string,
  io: Io,
  name?: string,
): void {
  for (const option of options) {
    const long = option.long?.slice(2);
    if (long === undefined) continue;
    const alias = option.short?.slice(1);
    const values = option.required || option.optional ? valuesOf(long, typed, io, name) : undefined;
    if (values === undefined) {
      if (alias === undefined) command.option(long, option.description);
      else command.option(long, option.description, alias);
      continue;
    }
    const offer: OptionHandler = offered => {
      for (const value of values) offered(value, '');
    };
    command.option(long, option.description, offer, alias);
  }
}

function valuesOf(option: string, typed: string, io: Io, command: string | undefined): readonly string[] {
  switch (option) {
    case 'lang':
      return languages;
    case 'format':
      return command === 'check' ? findingsFormats : tableFormats;
    case 'fail-on':
      return severities;
    case 'on':
      return endingForms.map(form => form.replace(/(?<![A-Z])[A-Z]+$/, ''));
    case 'only':
      return ruleIds;
    case 'down':
      return fallKinds;
    case 'to':
      return command === 'failover' ? [] : pathsFrom(typed, io);
    case 'root':
    case 'home':
      return pathsFrom(typed, io);
    case 'config':
      return pathsFrom(typed, io, yamlFile);
    default:
      return [];
  }
}

/** The user's services. Empty on any error, since an error message while the user types would not help. */
async function unitNames(words: readonly string[], run: Run): Promise<readonly string[]> {
  const after = (option: string) => {
    const at = words.indexOf(option);
    return at === -1 ? undefined : words[at + 1];
  };
  const scope = words.includes('--system') ? 'system' : 'user';
  const options = {
    scope,
    root: after('--root'),
    home: after('--home'),
    systemdVersion: undefined,
  } as const;
  try {
    await using hosts = new AsyncDisposableStack();
    const [target] = await openTargets([], options, run, hosts);
    return target?.names.map(name => shortServiceName(name)) ?? [];
  } catch {
    return [];
  }
}

const yamlFile = /\.ya?ml$/;

/** Folders and files that begin with the typed text. Empty for an empty text, which means units. */
function pathsFrom(typed: string, { workingDirectory }: Io, file = /\.service$/): readonly string[] {
  if (typed === '') return [];
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  try {
    return (
      fs
        .readdirSync(path.resolve(workingDirectory, folder), { withFileTypes: true })
        .filter(entry => entry.isDirectory() || file.test(entry.name))
        // The shell reads the answer line by line and shows it unchanged, so unprintable names are left out.
        .filter(({ name }) => printable(name) === name)
        .map(entry => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    );
  } catch {
    return [];
  }
}
