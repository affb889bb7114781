import {
  type BrokenFile,
  brokenFiles,
  type CommandDirective,
  isNeededToStart,
} from '../../services/executables.ts';
import type { Host } from '../../systemd/host/host.ts';
import type { Change, Fault, ServiceRule } from '../rule.ts';

export interface ExecNotExecutable {
  readonly directive: CommandDirective;
  readonly path: string;
  readonly role: BrokenFile['role'];
  readonly problem: 'directory' | 'not-executable';
}

/** A command whose file exists but cannot be executed. */
export const execNotExecutable: ServiceRule<'exec-not-executable', ExecNotExecutable> = {
  id: 'exec-not-executable',
  severity: 'warning',
  worst: 'critical',
  needs: 'machine',
  judges: 'service',
  *check(service, context): Iterable<Fault<ExecNotExecutable>> {
    const { host } = context.inventory;
    for (const file of brokenFiles(service, host)) {
      const { directive, command, path, role, problem } = file;
      if (problem === 'missing' || problem === 'unreadable') continue;
      yield {
        source: command.source,
        ...(isNeededToStart(file) && { severity: 'critical' as const }),
        details: { directive, path, role, problem },
        changes: problem === 'not-executable' ? madeExecutable(path, host) : [],
      };
    }
  },
};

/**
 * Gives execute permission to all who may read the file, when it belongs to the user. daruma does not change files of
 * the system.
 */
function madeExecutable(path: string, { user, files }: Pick<Host, 'user' | 'files'>): readonly Change[] {
  if (user === undefined || !path.startsWith(`${user.home}/`)) return [];
  const mode = files.status(path)?.mode ?? 0o600;
  return [{ kind: 'mode', path, mode: mode | ((mode & 0o444) >> 2) }];
}
