/** What a fix did, in a few words, from its record: an undo is chosen by that. No value is among them, which may be a secret. */
import path from 'node:path';
import { hooksDropInName } from '../check/own-drop-ins.ts';
import { lingerFolder } from '../systemd/host/linger.ts';
import { isOwnUnit } from '../systemd/own-units.ts';
import { parseUnitName, templateOf } from '../systemd/unit-name.ts';
import type { FixRecord } from '../transaction/journal.ts';
import { settingsChanged } from '../transaction/unit-settings.ts';

export type Work =
  /** Unit files that were not there before. */
  | { readonly kind: 'units-made'; readonly units: readonly string[] }
  /** Settings in unit files and drop-ins, such as `Restart`. */
  | { readonly kind: 'settings'; readonly keys: readonly string[] }
  | { readonly kind: 'enabled' | 'disabled'; readonly units: readonly string[] }
  /** Hooks of `daruma notify`. */
  | { readonly kind: 'hooks-added' | 'hooks-removed' }
  | { readonly kind: 'lingering'; readonly user: string }
  | { readonly kind: 'permissions' | 'other-files'; readonly files: readonly string[] }
  | { readonly kind: 'restarted' | 'started'; readonly units: readonly string[] }
  /** Nothing but a reload of the manager. */
  | { readonly kind: 'reload' };

/** In the order in which it is told. */
export function workOf({ operations, lingering, restarted, broughtUp = [] }: FixRecord): readonly Work[] {
  const made: string[] = [];
  const keys = new Set<string>();
  const links = { enabled: new Set<string>(), disabled: new Set<string>() };
  const hooks = { 'hooks-added': false, 'hooks-removed': false };
  const permissions: string[] = [];
  const otherFiles: string[] = [];
  let user = lingering;
  for (const operation of operations) {
    const { path: file, before, after } = operation;
    const name = path.basename(file);
    const folder = path.basename(path.dirname(file));
    const isGone = after.kind === 'absent';
    if (after.kind === 'mode') permissions.push(file);
    // The units through which a manager runs daruma go with the hooks.
    else if (name === hooksDropInName || isOwnUnit(name))
      hooks[isGone ? 'hooks-removed' : 'hooks-added'] = true;
    else if (/\.(?:wants|requires|upholds)$/.test(folder)) links[isGone ? 'disabled' : 'enabled'].add(name);
    else if (file.endsWith(`${lingerFolder}/${name}`)) user = name;
    else if (parseUnitName(name) !== undefined && before.kind === 'absent') made.push(name);
    else if (parseUnitName(name) !== undefined || (folder.endsWith('.d') && name.endsWith('.conf')))
      for (const { key } of settingsChanged(operation)) keys.add(key);
    else otherFiles.push(file);
  }
  const work: readonly Work[] = [
    ...some({ kind: 'units-made', units: made }),
    ...some({ kind: 'settings', keys: [...keys] }),
    ...some({ kind: 'enabled', units: [...links.enabled] }),
    ...some({ kind: 'disabled', units: [...links.disabled] }),
    ...(['hooks-added', 'hooks-removed'] as const).flatMap(kind => (hooks[kind] ? [{ kind }] : [])),
    ...(user === null ? [] : [{ kind: 'lingering', user } as const]),
    ...some({ kind: 'permissions', files: permissions }),
    ...some({ kind: 'other-files', files: otherFiles }),
    ...some({ kind: 'restarted', units: restarted }),
    ...some({ kind: 'started', units: broughtUp }),
  ];
  return work.length === 0 ? [{ kind: 'reload' }] : work;
}

/**
 * The units among those of a fix whose own files it changed: of others it only settled a finding. All of them where none has a file in it,
 * as with a drop-in for all services.
 */
export function unitsTouched({ units, operations }: FixRecord): readonly string[] {
  const names = new Set(
    operations.flatMap(({ path: file }) => [
      path.basename(file),
      path.basename(path.dirname(file)).replace(/\.d$/, ''),
    ]),
  );
  const touched = units.filter(unit => namesOf(unit).some(name => names.has(name)));
  return touched.length === 0 ? units : touched;
}

/** Its own name, and that of the template whose instance it is. */
function namesOf(unit: string): readonly string[] {
  const parsed = parseUnitName(unit);
  return [unit, (parsed && templateOf(parsed)) ?? unit];
}

/** Nothing for a list without entries. */
function some<W extends Work>(work: W): readonly W[] {
  return Object.values(work).every(value => !Array.isArray(value) || value.length > 0) ? [work] : [];
}
