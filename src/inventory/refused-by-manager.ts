/** Units that the running manager refuses to load, whatever daruma's own reading of their files says. */
import type { HostFiles, LiveUnit, RefusalInJournal } from '../systemd/host/host.ts';
import type { Service } from '../systemd/service.ts';

/** Whether the manager has refused a unit when it last read its files. A name that no manager loads has no file. */
export function isRefusedLive(live: LiveUnit | undefined): boolean {
  if (live === undefined || live.fragmentPath === '') return false;
  return live.loadState === 'bad-setting' || live.loadState === 'error';
}

/**
 * The service as its manager has it: refused, unless its files were changed after that. What was changed counts from the next reload on.
 * `NeedDaemonReload` does not tell: with drop-ins it stays true after each reload (247 and 252), or is false after each change (257).
 */
export function refusedService(
  service: Service,
  live: LiveUnit | undefined,
  refusal: RefusalInJournal | undefined,
  files: HostFiles,
): Service {
  const { unit } = service;
  if (live === undefined || !isRefusedLive(live) || unit.load !== 'loaded' || service.settings === undefined)
    return service;
  const [known, own] = [new Set(live.dropInPaths), unit.dropIns];
  if (known.size !== own.length || own.some(file => !known.has(file))) return service;
  const read = [...(unit.fragment === undefined ? [] : [unit.fragment]), ...own];
  const changed = (file: string) => (files.status(file)?.modifiedMs ?? 0) / 1_000;
  if (refusal !== undefined && read.some(file => changed(file) > refusal.seconds)) return service;
  const problem = {
    code: 'refused',
    rule: 'by-manager',
    reason: refusal?.reason ?? null,
    source: null,
  } as const;
  return { unit: { ...unit, load: 'bad-setting', problem }, settings: undefined };
}
