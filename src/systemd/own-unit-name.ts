/** Names of the transient units that daruma has a manager make for units of others. */
import { ownName } from '../names/own-name.ts';

/**
 * The name without a suffix. No two services share one, whatever they are called.
 *
 * @param purpose what the unit is for: the beginning of its name
 * @example ownUnitName('daruma-await', 'litellm@blue.service') // 'daruma-await-litellm\x40blue'
 */
export function ownUnitName(purpose: string, service: string): string {
  const { length } = `${purpose}-.service`;
  return `${purpose}-${ownName(service.replace(/\.service$/, ''), '\\x', nameMax - length)}`;
}

/** `UNIT_NAME_MAX`. */
const nameMax = 255;
