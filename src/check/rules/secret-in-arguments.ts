import { type CommandDirective, commandDirectives } from '../../services/executables.ts';
import { wordsOf } from '../../services/wrappers.ts';
import type { Fault, ServiceRule } from '../rule.ts';
import { type Limit, noteLimit } from '../../systemd/host/limit.ts';
import { scriptReader } from '../../services/script-reader.ts';
import { type ShownArgument, shownArguments } from '../shown-arguments.ts';

export interface SecretInArguments extends Pick<ShownArgument, 'how' | 'name' | 'program'> {
  readonly directive: CommandDirective;
  /** Whether the secret is visible as long as the service runs, rather than only while a hook runs. */
  readonly isLasting: boolean;
}

/** A secret among the arguments of a process, where every user of the machine can read it. */
export const secretInArguments: ServiceRule<'secret-in-arguments', SecretInArguments> = {
  id: 'secret-in-arguments',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check({ settings, isMeantToStay }, context): Iterable<Fault<SecretInArguments>> {
    const readScript = scriptReader(context.inventory.host);
    const { host } = context.inventory;
    for (const directive of commandDirectives) {
      for (const command of settings[directive].value) {
        // systemd replaces a doubled dollar sign by a single one before a shell sees it.
        const words = wordsOf(command).map(word => word.replaceAll('$$', '$'));
        // All rules that read scripts have the same limits, and this rule reads every script: it alone reports them.
        const met = (limit: Limit, file: string | null) =>
          noteLimit(host, { source: file === null ? command.source : { file, line: null }, limit });
        for (const { how, name, program, script } of shownArguments(words, readScript, met)) {
          const isLasting = isMeantToStay && directive === 'ExecStart' && script === null;
          yield {
            source: script ?? command.source,
            ...(isLasting && { severity: 'critical' as const }),
            details: { directive, how, name, program, isLasting },
            changes: [],
          };
        }
      }
    }
  },
};
