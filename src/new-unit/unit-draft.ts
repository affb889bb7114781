/** Drafts a complete unit for a service that daruma knows, or for any command. */
import path from 'node:path';
import type { WantedSetting } from '../fix/drop-in.ts';
import type { KnownService, MachineWord } from '../services/known-service.ts';
import type { Host } from '../systemd/host/host.ts';
import { searchedFiles } from '../systemd/host/search.ts';
import { extractWords } from '../systemd/values/words.ts';
import { quoted } from '../systemd/values/written-word.ts';
import type { GivenCommand } from './given-command.ts';

/** The parts of a unit file. */
export interface UnitDraft {
  readonly description: string;
  /** Words of the command, unquoted; the text of the unit quotes those that need it. */
  readonly command: readonly string[];
  readonly unit: Settings;
  readonly service: Settings;
  /** The target that starts the unit. */
  readonly wantedBy: string;
}

type Settings = Readonly<Record<string, string | readonly string[]>>;

/** For an unknown program: restart it after every end, five seconds later, without a start limit. */
const ofAnyCommand = {
  unit: { StartLimitIntervalSec: '0' },
  service: { Restart: 'always', RestartSec: '5' },
} as const;

/** @param given replaces the recommended command; @returns undefined when there is neither */
export function draftUnit(
  name: string,
  known: KnownService | undefined,
  given: GivenCommand | undefined,
  { scope }: Host,
): UnitDraft | undefined {
  const wantedBy = scope === 'user' ? 'default.target' : 'multi-user.target';
  const recommended = known?.recommended;
  const { workingDirectory } = given ?? {};
  const place = workingDirectory === undefined ? {} : { WorkingDirectory: workingDirectory };
  if (recommended === undefined) {
    if (given === undefined) return undefined;
    const { unit, service } = ofAnyCommand;
    return { description: name, command: given.words, unit, service: { ...place, ...service }, wantedBy };
  }
  const { description, unit, service } = recommended;
  const command = given?.words ?? extractWords(recommended.command, { unquote: true }).words;
  return { description, command, unit, service: { ...place, ...service }, wantedBy };
}

/** The text of the unit file, with the settings that a check asks for added. */
export function unitText(
  { description, command, unit, service, wantedBy }: UnitDraft,
  more: readonly WantedSetting[] = [],
): string {
  const section = (name: WantedSetting['section'], first: readonly string[], settings: Settings) => {
    const added = more.filter(setting => setting.section === name);
    const taken = new Set(added.map(({ key }) => key));
    const kept = Object.entries(settings).filter(([key]) => !taken.has(key));
    return [
      `[${name}]`,
      ...first,
      ...kept.flatMap(([key, values]) => [values].flat().map(value => `${key}=${value}`)),
      ...added.flatMap(({ key, values }) =>
        values.filter(value => value !== '').map(value => `${key}=${value}`),
      ),
      '',
    ];
  };
  return [
    ...section('Unit', [`Description=${description}`], unit),
    ...section('Service', [`ExecStart=${command.map(quoted).join(' ')}`], service),
    ...section('Install', [], { WantedBy: wantedBy }),
  ].join('\n');
}

/**
 * Finds the program and script of a recommended command on the host.
 *
 * @param searched folders for programs, in order
 * @returns the command with paths that exist; undefined when the program is not installed
 */
export function locateCommand(
  command: readonly string[],
  host: Host,
  searched: readonly string[],
): readonly string[] | undefined {
  const [program = '', script, ...rest] = command;
  const files = searchedFiles(host.files);
  const isThere = (file: string) => files.status(withHome(file, host))?.kind === 'file';
  const isScript = script?.startsWith('/') === true;
  if (isThere(program) && (!isScript || isThere(script))) return command;
  // The program that a package installs replaces the interpreter and the script.
  const packaged = isScript ? /\/node_modules\/([^/]+)\//.exec(script)?.[1] : undefined;
  const name = packaged ?? path.posix.basename(program);
  const found = searched.map(folder => `${folder}/${name}`).find(isThere);
  if (found === undefined) return undefined;
  const home = host.user?.home;
  const shown = home !== undefined && found.startsWith(`${home}/`) ? `%h${found.slice(home.length)}` : found;
  return packaged === undefined ? [shown, ...command.slice(1)] : [shown, ...rest];
}

/** A word whose value could not be determined on the machine. */
interface MissingWord {
  readonly machineWord: MachineWord;
  /** All possible values; empty when there is none. */
  readonly candidates: readonly string[];
}

/** Replaces the words whose value depends on the machine. @returns the words, and those that could not be replaced */
export function fillMachineWords(
  command: readonly string[],
  machineWords: readonly MachineWord[],
  { files, user }: Host,
): { readonly words: readonly string[]; readonly missing: readonly MissingWord[] } {
  const missing: MissingWord[] = [];
  const words = command.map(word => {
    const machineWord = machineWords.find(each => each.word === word);
    if (machineWord === undefined) return word;
    const candidates = machineWord.candidates(searchedFiles(files), user?.home ?? '/root');
    const [first] = candidates;
    if (first !== undefined && (machineWord.takes === 'first' || candidates.length === 1)) return first;
    missing.push({ machineWord, candidates });
    return word;
  });
  return { words, missing };
}

/** A path of a unit with `%h` replaced by the home folder. */
export function withHome(file: string, { user }: Host): string {
  return file.replace(/^%h(?=\/)/, user?.home ?? '%h');
}
