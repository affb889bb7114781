/** Decides which command a new unit runs: the one that the user gave, or else the recommended one if it is installed. */
import { shellWord } from '../check/shell-syntax.ts';
import { knownServices } from '../services/index.ts';
import { programFolders } from '../services/program-folders.ts';
import type { Host } from '../systemd/host/host.ts';
import { literal } from '../systemd/values/written-word.ts';
import { withInterpreter } from './env-interpreter.ts';
import { type GivenCommand, givenCommand } from './given-command.ts';
import { draftUnit, fillMachineWords, locateCommand, type UnitDraft, withHome } from './unit-draft.ts';
import { shortServiceName } from '../systemd/unit-name.ts';

/** What the user asks for. */
export interface UnitRequest {
  /** Name of the service, with or without `.service`. */
  readonly service: string;
  /** Words of the command; empty for the recommended command. */
  readonly command: readonly string[];
  /** The folder in which the command was typed; undefined when the host is not the running machine. */
  readonly workingDirectory: string | undefined;
  /** `$PATH` of the user; it is used on the running machine only. */
  readonly searchPath: string;
}

/** Why no unit can be composed. */
export type UnitRefusal =
  | { readonly code: 'not-installed'; readonly program: string }
  /** Neither a service that daruma knows nor a command. */
  | { readonly code: 'unknown-service'; readonly recommendable: readonly string[] }
  /** A word whose value depends on the machine, with all values possible on this one. */
  | { readonly code: 'unknown-word'; readonly word: string; readonly candidates: readonly string[] };

export interface ComposedUnit {
  readonly draft: UnitDraft;
  /** Files that the command names and that the user still has to create. */
  readonly filesToCome: readonly string[];
}

/** @returns the unit, or the reason why none can be composed */
export function composeUnit(
  { service, command, workingDirectory, searchPath }: UnitRequest,
  host: Host,
): ComposedUnit | { readonly refusal: UnitRefusal } {
  const name = shortServiceName(service);
  const known = knownServices.find(({ id }) => id === name);
  const searched = programFolders(host, searchPath);
  const given =
    command.length === 0
      ? undefined
      : (givenCommand(command, host, workingDirectory, searched) ?? givenToShell(command));
  if (command.length > 0 && given === undefined) return notInstalled(command[0] ?? '');
  const draft = draftUnit(name, known, given, host);
  if (draft === undefined) return { refusal: { code: 'unknown-service', recommendable: recommendable() } };
  const complete = (words: readonly string[]) =>
    withInterpreter(words, host, word => withHome(word, host), searched);
  // For a command that the user gave, the check reports whether its program exists.
  if (given !== undefined) return { draft: { ...draft, command: complete(draft.command) }, filesToCome: [] };
  const located = locateCommand(draft.command, host, searched);
  if (located === undefined) return notInstalled(withHome(draft.command[0] ?? '', host));
  const { words, missing } = fillMachineWords(located, known?.recommended?.machineWords ?? [], host);
  const unknown = missing.find(({ machineWord }) => machineWord.takes === 'only');
  if (unknown !== undefined) {
    const { machineWord, candidates } = unknown;
    return { refusal: { code: 'unknown-word', word: machineWord.word, candidates } };
  }
  return {
    draft: { ...draft, command: complete(words) },
    filesToCome: missing.map(({ machineWord }) => withHome(machineWord.word, host)),
  };
}

/** A command such as `cd`, which no folder has: the check of the unit says what to do in place of it. */
function givenToShell(command: readonly string[]): GivenCommand | undefined {
  return shellWord(command[0] ?? '') === undefined
    ? undefined
    : { words: command.map(literal), workingDirectory: undefined };
}

function notInstalled(program: string): { readonly refusal: UnitRefusal } {
  return { refusal: { code: 'not-installed', program } };
}

function recommendable(): readonly string[] {
  return knownServices.flatMap(({ id, recommended }) => (recommended === undefined ? [] : [id]));
}
