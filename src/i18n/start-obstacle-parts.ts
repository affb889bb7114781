/** What all languages share in the texts about what keeps a service from starting. */
import type { Reason } from '../restart/reason.ts';
import type { StartFault } from '../restart/start-obstacle.ts';

export interface StartObstacleTexts {
  directory(path: string): string;
  notExecutable(path: string): string;
  /** A file or folder by its path, and by what it is for. */
  readonly named: Readonly<Record<Exclude<Purpose, 'interpreter'>, (path: string) => string>>;
  /** @param script whose `#!` line names it */
  interpreter(path: string, script: string): string;
  /** What is wrong with such a file or folder. */
  readonly pathFaults: Readonly<Record<'missing' | 'no-directory' | 'unreadable', (named: string) => string>>;
  privileges(line: string, status: string): string;
  /** Nobody knows whether a check is met. */
  unknown(line: string): string;
  /** @param rest what follows from it, or what it depends on */
  notMet(line: string, rest: string): string;
  readonly effects: Readonly<Record<'condition' | 'assertion', string>>;
  readonly doubts: Readonly<Record<NonNullable<Told['doubt']>, string>>;
  readonly remedies: StartRemedyTexts;
}

/** What to do about it; `setting` is the beginning of a line: `ExecStart=`. */
interface StartRemedyTexts {
  nameProgram(setting: string): string;
  install(setting: string): string;
  putThere(setting: string): string;
  nameDirectory(setting: string): string;
  create(setting: string): string;
  readonly environmentFile: string;
  privileges(setting: string): string;
  readonly check: string;
}

type Told = Extract<Reason, { readonly code: 'cannot-start' | 'may-not-start' }>;
type FileFault = Extract<StartFault, { readonly kind: 'file' }>;
type Purpose = FileFault['role'] | 'working-directory' | 'environment-file';

/** Why a service does not start. */
export function describeStartFault(
  { fault, doubt, setting, value }: Told,
  texts: StartObstacleTexts,
): string {
  const line = `${setting}=${value}`;
  const rest = doubt === null ? '' : texts.doubts[doubt];
  switch (fault.kind) {
    case 'file':
      return fileFault(fault, texts) + rest;
    case 'working-directory':
    case 'environment-file':
      return texts.pathFaults[fault.problem](texts.named[fault.kind](fault.path)) + rest;
    case 'privileges':
      return texts.privileges(line, fault.status);
    case 'condition':
    case 'assertion':
      if (doubt === 'unreadable') return texts.unknown(line);
      return texts.notMet(line, doubt === null ? texts.effects[fault.kind] : rest);
    default:
      return fault satisfies never;
  }
}

function fileFault({ path, role, problem, script }: FileFault, texts: StartObstacleTexts): string {
  if (problem === 'directory') return texts.directory(path);
  if (problem === 'not-executable') return texts.notExecutable(path);
  const named = role === 'interpreter' ? texts.interpreter(path, script ?? '') : texts.named[role](path);
  return texts.pathFaults[problem](named);
}

/** What to do so that a service can start. */
export function describeStartRemedy(
  { fault, setting: directive }: Told,
  { remedies }: StartObstacleTexts,
): string {
  const setting = `${directive}=`;
  switch (fault.kind) {
    case 'file':
      if (fault.problem === 'directory') return remedies.nameProgram(setting);
      if (fault.problem === 'not-executable') return `chmod +x ${fault.path}`;
      return fault.role === 'script' ? remedies.putThere(setting) : remedies.install(setting);
    case 'working-directory':
      return fault.problem === 'no-directory' ? remedies.nameDirectory(setting) : remedies.create(setting);
    case 'environment-file':
      return remedies.environmentFile;
    case 'privileges':
      return remedies.privileges(setting);
    case 'condition':
    case 'assertion':
      return remedies.check;
    default:
      return fault satisfies never;
  }
}
