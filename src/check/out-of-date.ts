/** Whether a manager still uses older unit files than those on the disk. */
import { isRefusedLive } from '../inventory/refused-by-manager.ts';
import type { LiveUnit } from '../systemd/host/host.ts';
import type { Unit } from '../systemd/unit.ts';

/**
 * The manager's own answer, and one case that it does not notice: in 247 and 252 a new folder of drop-ins is not in the
 * manager's cache of names, and `NeedDaemonReload` stays false (ran on both).
 */
export function isOutOfDate(unit: Unit, live: LiveUnit): boolean {
  // Of a masked unit with a drop-in the manager says it for ever, after any number of reloads (ran on 252).
  if (live.loadState === 'masked' && unit.problem?.code === 'masked') return false;
  // Of what it refuses the manager's answer says nothing: with drop-ins it is true for ever (247 and 252), or never (257).
  if (isRefusedLive(live)) return unit.load === 'loaded';
  if (live.needDaemonReload) return true;
  if (live.loadState !== 'loaded' || unit.load !== 'loaded') return false;
  const known = new Set(live.dropInPaths);
  return known.size !== unit.dropIns.length || unit.dropIns.some(file => !known.has(file));
}
