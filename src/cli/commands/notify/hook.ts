/** `daruma notify hook`: systemd runs it when a service starts, ends or has failed for good. */
import { loadCatalogue } from '../../../i18n/index.ts';
import type { Catalogue } from '../../../i18n/catalogue.ts';
import { recordSign } from '../../../notify/hook.ts';
import { printable } from '../../../report/printable.ts';
import type { HookArguments } from '../../hook-call.ts';
import type { Environment, Io } from '../../io.ts';
import { tell } from '../../output.ts';
import { commandFor } from '../../options.ts';
import { ownCommand } from '../../own-command.ts';
import { chooseLanguage } from '../../settings.ts';
import { storeFaultText } from '../../store-fault.ts';

/** @returns always 0, so that the service is not affected; 2 when no manager runs it */
export async function hook(
  { unit, scope, isOnFailure, lang }: HookArguments,
  io: Io,
  environment: Environment,
): Promise<number> {
  const words = () => loadCatalogue(chooseLanguage(lang, environment));
  if (environment['INVOCATION_ID'] === undefined && !isOnFailure) {
    const { notify, punctuation } = await words();
    complain(
      io,
      notify.hookByHand +
        punctuation.aside(commandFor('notify install', scope === 'system' ? { system: true } : {})),
    );
    return 2;
  }
  try {
    const result = await recordSign(
      {
        unit,
        scope,
        isOnFailure,
        environment,
        command: ownCommand(io, environment),
      },
      Date.now(),
    );
    if (result.putAside !== undefined) complain(io, (await words()).notify.putAside(result.putAside));
    if (result.notHandedOver !== undefined) {
      complain(io, (await words()).notify.notHandedOver(unit, result.notHandedOver));
    }
  } catch (error) {
    complain(io, hookFault(unit, error, await words()));
  }
  return 0;
}

function hookFault(unit: string, error: unknown, catalogue: Catalogue): string {
  return catalogue.notify.notKept(unit, storeFaultText(error, catalogue));
}

/** Writes a message to the journal of the service. */
function complain(io: Io, text: string): void {
  tell(io, `daruma: ${printable(text)}`);
}
