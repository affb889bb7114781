/** The units through which a manager runs daruma: their names, and whether a unit is one of them. */
import { ownName } from '../names/own-name.ts';
import { shortServiceName, unitNameMax } from './unit-name.ts';

/** Takes the signs and delivers messages. */
export const outboxService = 'daruma-outbox.service';
/** They start it: when there is a sign, and each minute. */
export const signWakers = ['daruma-outbox.path', 'daruma-outbox.timer'] as const;
/** Its instances tell that a unit has failed. */
export const handlerTemplate = 'daruma-notify@.service';

/** HAProxy before the local LiteLLM, and the socket that its clients ask. */
export const frontService = 'daruma-front.service';
export const frontSocket = 'daruma-front.socket';

/** The socket to which a front logs who answers, and the service that makes signs of that. */
export const frontMovesSocket = 'daruma-front-moves.socket';
export const frontMovesService = 'daruma-front-moves.service';

/** The units that have files. */
export const ownUnitNames = [...signWakers, outboxService, handlerTemplate] as const;

/** The instance that tells that a unit has failed. */
export function handlerOf(unit: string): string {
  return `daruma-notify@${unit}.service`;
}

/** What transient units are for: the beginnings of their names. */
export const transientPrefix = { await: 'daruma-await', startAgain: 'daruma-start-again' } as const;

/**
 * Whether a unit is daruma's own handler of failures. systemd starts it at each failure, and it finds out itself
 * whether that was the last one; other hooks report ends and starts.
 */
export function isOwnHandler(unit: string): boolean {
  return /^daruma-notify@.*\.service$/.test(unit);
}

/** Whether a unit is daruma's own: no service of the user's, however much its name looks like one of these. */
export function isOwnUnit(name: string): boolean {
  const isTransient = Object.values(transientPrefix).some(
    prefix => name.startsWith(`${prefix}-`) || name.startsWith(`${prefix}.`),
  );
  return (
    isTransient || isOwnHandler(name) || name === frontMovesService || ownUnitNames.some(own => own === name)
  );
}

/**
 * The name of a transient unit that daruma starts for a unit of others, without its suffix. Two services never get the same name, whatever their own names are.
 *
 * @param purpose what the unit is for: the beginning of its name
 * @example ownUnitName('daruma-await', 'litellm@blue.service') // 'daruma-await-litellm\x40blue'
 */
export function ownUnitName(purpose: string, service: string): string {
  const { length } = `${purpose}-.service`;
  return `${purpose}-${ownName(shortServiceName(service), '\\x', unitNameMax - length)}`;
}
