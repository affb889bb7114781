/** Options of commands as they are parsed, and as they are written to be pasted. */
import { inShell } from '../programs/command.ts';

/** Options of every command. */
export interface CommonOptions {
  readonly user?: true;
  readonly system?: true;
  readonly root?: string;
  readonly home?: string;
  readonly config?: string;
  readonly systemd?: string;
  readonly format?: string;
  readonly json?: true;
  readonly lang?: string;
  /** False with `--no-color`. */
  readonly color: boolean;
  readonly quiet?: true;
  readonly verbose?: true;
}

/** Options of commands that ask a person. */
export interface ConfirmOptions {
  readonly yes?: true;
  /** False with `--no-input`. */
  readonly input: boolean;
}

/** Options of commands that change something, once what they would change has been shown. */
export interface PlanOptions extends ConfirmOptions {
  readonly dryRun?: true;
  readonly restart?: true;
}

/** Options of all actions of `daruma failover`; each looks at those that are its own. */
export interface FailoverOptions extends CommonOptions, PlanOptions {
  /** `apply`: machines that are put right as well, as ssh(1) calls them. */
  readonly to?: readonly string[];
  /** `test`: the local proxy is really stopped. */
  readonly down?: true;
}

/** The options by which another command means the same host: they go behind `daruma undo` and the like. */
export type HostOptions = Pick<CommonOptions, 'system' | 'root' | 'home'>;

/** A command of daruma's about the same host, as a shell takes it. */
export function commandFor(command: string, { system, root, home }: HostOptions): string {
  const words = [
    ...(system ? ['--system'] : []),
    ...(root === undefined ? [] : ['--root', root]),
    ...(home === undefined ? [] : ['--home', home]),
  ];
  return ['daruma', command, ...words.map(inShell)].join(' ');
}
