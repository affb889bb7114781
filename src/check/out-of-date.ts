/** Whether a manager goes by older files than those that are there. */
import type { LiveUnit } from '../systemd/host/host.ts';
import type { Unit } from '../systemd/unit.ts';

/**
 * As the manager says, and where it does not see it: with 247 and 252 a folder of drop-ins that is new is not in the
 * manager's cache of names, and `NeedDaemonReload` stays false (ran on both).
 */
export function isOutOfDate(unit: Unit, live: LiveUnit): boolean {
  if (live.needDaemonReload) return true;
  if (live.loadState !== 'loaded' || unit.load !== 'loaded') return false;
  const known = new Set(live.dropInPaths);
  return known.size !== unit.dropIns.length || unit.dropIns.some(file => !known.has(file));
}
