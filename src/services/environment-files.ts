/** The environment files without which a service does not start. */
import type { Host } from '../systemd/host/host.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import { isConditionedOn, lookUp } from './named-paths.ts';
import { isPathPattern, matchesAnyFile } from './path-pattern.ts';

export interface BrokenEnvironmentFile {
  /** The path at which systemd looks for the file; may be a pattern. */
  readonly path: string;
  readonly isPattern: boolean;
  /** `unreadable`: it may not be looked up, so that nobody knows whether it is there. */
  readonly problem: 'missing' | 'unreadable';
  readonly source: SourceLine;
}

/**
 * The files of `EnvironmentFile=` without `-` that are not there. The start then fails before any process is started, hooks
 * included: none of them can create the file in time (`exec_context_load_environment()`).
 */
export function* brokenEnvironmentFiles(unit: Unit, host: Host): Iterable<BrokenEnvironmentFile> {
  for (const { value, source } of unit.assignments.get('Service', 'EnvironmentFile')) {
    if (value.startsWith('-')) continue;
    const path = unit.expand(value);
    if (typeof path !== 'string' || isConditionedOn(unit, path)) continue;
    const isPattern = isPathPattern(path);
    const found = isPattern ? (matchesAnyFile(host, path) ? 'unknown' : 'missing') : lookUp(host, path);
    if (found === 'missing' || found === 'unreadable') yield { source, path, isPattern, problem: found };
  }
}
