/** Decides what a new unit runs on a host: what somebody has given, else what is recommended and installed. */
import { knownServices } from '../services/index.ts';
import type { Host } from '../systemd/host/host.ts';
import { withInterpreter } from './env-interpreter.ts';
import { givenCommand } from './given-command.ts';
import { draftUnit, fillMachineWords, locateCommand, type UnitDraft, withHome } from './unit-draft.ts';

/** What somebody asks for. */
export interface UnitRequest {
  /** With its suffix or without. */
  readonly service: string;
  /** Its words; empty where what is recommended is wanted. */
  readonly command: readonly string[];
  /** Where it was typed; undefined where the host is not the running machine. */
  readonly workingDirectory: string | undefined;
  /** `$PATH` of whoever asks; it counts on the running machine alone. */
  readonly searchPath: string;
}

/** Why no unit can be composed. */
export type UnitRefusal =
  | { readonly code: 'not-installed'; readonly program: string }
  /** Neither a service that daruma knows nor a command. */
  | { readonly code: 'unknown-service'; readonly recommendable: readonly string[] }
  /** A word that is another on each machine, with all that it could be here. */
  | { readonly code: 'unknown-word'; readonly word: string; readonly candidates: readonly string[] };

export interface ComposedUnit {
  readonly draft: UnitDraft;
  /** Files that the command names and that somebody has still to put there. */
  readonly filesToCome: readonly string[];
}

/** @returns why not, where it is refused */
export function composeUnit(
  { service, command, workingDirectory, searchPath }: UnitRequest,
  host: Host,
): ComposedUnit | { readonly refusal: UnitRefusal } {
  const name = service.replace(/\.service$/, '');
  const known = knownServices.find(({ id }) => id === name);
  const searched = programFolders(host, searchPath);
  const given = command.length === 0 ? undefined : givenCommand(command, host, workingDirectory, searched);
  if (command.length > 0 && given === undefined) return notInstalled(command[0] ?? '');
  const draft = draftUnit(name, known, given, host);
  if (draft === undefined) return { refusal: { code: 'unknown-service', recommendable: recommendable() } };
  const complete = (words: readonly string[]) =>
    withInterpreter(words, host, word => withHome(word, host), searched);
  // Where somebody says what to run, a check says whether it is there.
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

function notInstalled(program: string): { readonly refusal: UnitRefusal } {
  return { refusal: { code: 'not-installed', program } };
}

function recommendable(): readonly string[] {
  return knownServices.flatMap(({ id, recommended }) => (recommended === undefined ? [] : [id]));
}

/** Where people's programs lie: what the shell searches, on the live machine, and what installers use. */
function programFolders(host: Host, searchPath: string): readonly string[] {
  const home = host.user?.home;
  const own = home === undefined ? [] : [`${home}/.local/bin`, `${home}/bin`, `${home}/.npm-global/bin`];
  const searched = host.kind === 'live' ? searchPath.split(':').filter(Boolean) : [];
  return [...new Set([...own, ...searched, '/usr/local/bin', '/usr/bin', '/bin'])];
}
