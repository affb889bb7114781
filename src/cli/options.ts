/** Types of parsed options, and options written for commands to paste. */
import { inShell } from '../programs/command.ts';
import type { Host } from '../systemd/host/host.ts';

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

/** Options of commands that ask the user. */
export interface ConfirmOptions {
  readonly yes?: true;
  /** False with `--no-input`. */
  readonly input: boolean;
}

/** Options of commands that show a plan and then change something. */
export interface PlanOptions extends ConfirmOptions {
  readonly dryRun?: true;
  readonly restart?: true;
}

/** Options of all actions of `daruma notify`; each action reads its own. */
export interface NotifyOptions extends CommonOptions, PlanOptions {
  /** `status` and `flush`: also the messages that the receiving service refused for good. */
  readonly refused?: true;
}

/** Options of all actions of `daruma failover`; each action reads its own. */
export interface FailoverOptions extends CommonOptions, PlanOptions {
  /** `apply`: further machines to change, as destinations for ssh(1). */
  readonly to?: readonly string[];
  /** `plan` and `apply`: put a front before the local LiteLLM, or do not. Without it a front is made where HAProxy is there. */
  readonly front?: boolean;
  /** `test`: what really becomes of the local proxy, `stop` where that is not said. */
  readonly down?: string;
}

/** The options that select the host: they are repeated in suggested commands such as `daruma undo`. */
export type HostOptions = Pick<CommonOptions, 'system' | 'root' | 'home'>;

/** The undo as a file of the host names it: where that file is read, its root or home is no other. */
export function undoOn({ scope }: Pick<Host, 'scope'>): string {
  return commandFor('undo', scope === 'system' ? { system: true } : {});
}

/** A daruma command for the same host, quoted for a shell. */
export function commandFor(command: string, { system, root, home }: HostOptions): string {
  const words = [
    ...(system ? ['--system'] : []),
    ...(root === undefined ? [] : ['--root', root]),
    ...(home === undefined ? [] : ['--home', home]),
  ];
  return ['daruma', command, ...words.map(inShell)].join(' ');
}
