import { writtenCommands } from '../../systemd/values/command-line.ts';
import { baseName } from '../../services/command-words.ts';
import { type CommandDirective, commandDirectives, isNeededToStart } from '../../services/executables.ts';
import { type Fault, mostNamed, type ServiceRule } from '../rule.ts';
import { type ShellConstruct, shellConstructs } from '../shell-syntax.ts';

export interface ShellSyntax {
  readonly directive: CommandDirective | 'ExecReload';
  /** Base name of the program that systemd starts. */
  readonly program: string;
  /** What belongs to a shell, in the order in which it stands there; never empty. */
  readonly found: readonly ShellConstruct[];
}

/** A command that is written for a shell: systemd runs none. */
export const shellSyntax: ServiceRule<'shell-syntax', ShellSyntax> = {
  id: 'shell-syntax',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  keepsDown: true,
  judges: 'service',
  *check({ unit }, { inventory }): Iterable<Fault<ShellSyntax>> {
    for (const directive of [...commandDirectives, 'ExecReload'] as const) {
      for (const { value, source } of unit.assignments.get('Service', directive)) {
        for (const command of writtenCommands(value, inventory.host.systemd.version)) {
          const found = shellConstructs(command).slice(0, mostNamed);
          if (found.length === 0) continue;
          const isFatal = directive === 'ExecStart' || !command.ignoreFailure;
          yield {
            source,
            ...(isFatal && endsTheStart(directive, found) && { severity: 'critical' as const }),
            details: { directive, program: baseName(command.words[0]?.word ?? ''), found },
            // Only a person knows what the shell was meant to do.
            changes: [],
          };
        }
      }
    }
  },
};

/** Whether the service cannot start, or the command that it is for does not run. */
function endsTheStart(directive: ShellSyntax['directive'], found: readonly ShellConstruct[]): boolean {
  if (directive === 'ExecReload' || !isNeededToStart({ directive })) return false;
  const isNoProgram = found[0]?.kind === 'builtin' || found[0]?.kind === 'assignment';
  return isNoProgram || (directive === 'ExecStart' && found.some(({ kind }) => kind === 'list'));
}
