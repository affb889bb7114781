/** Names of the transient units that daruma starts for units of others. */
import { ownName } from '../names/own-name.ts';
import { shortServiceName, unitNameMax } from './unit-name.ts';

/**
 * The name without its suffix. Two services never get the same name, whatever their own names are.
 *
 * @param purpose what the unit is for: the beginning of its name
 * @example ownUnitName('daruma-await', 'litellm@blue.service') // 'daruma-await-litellm\x40blue'
 */
export function ownUnitName(purpose: string, service: string): string {
  const { length } = `${purpose}-.service`;
  return `${purpose}-${ownName(shortServiceName(service), '\\x', unitNameMax - length)}`;
}
