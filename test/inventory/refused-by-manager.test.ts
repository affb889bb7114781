/** What a manager refuses by a rule that daruma does not know, and what was mended since. */
import { describe, expect, it } from 'vitest';
import { isRefusedLive, refusedService } from '../../src/inventory/refused-by-manager.ts';
import { openFolder } from '../../src/systemd/host/offline-host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { resolveService } from '../../src/systemd/service.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { folderWith } from '../systemd/host/folder.ts';

function read(live: Partial<ReturnType<typeof notLoadable>>, seconds: number | undefined) {
  const folder = folderWith({ 'a.service': '[Service]\nExecStart=/bin/sleep 9\n' });
  const host = openFolder(folder, { scope: 'user', systemdVersion: 257 });
  const loader = createUnitLoader(host);
  const service = resolveService(loader.load('a.service'), loader.defaults, 257);
  const state = { ...notLoadable('a.service'), fragmentPath: '/a.service', ...live };
  const refusal = seconds === undefined ? undefined : { reason: 'Too odd. Refusing.', seconds };
  return refusedService(service, state, refusal, host.files).unit;
}

const refused = { loadState: 'bad-setting' };
const later = Date.now() / 1_000 + 60;

describe('a unit that its manager refuses', () => {
  it('is refused with the reason of the manager, where daruma itself would load it', () => {
    const problem = { code: 'refused', rule: 'by-manager', reason: 'Too odd. Refusing.', source: null };
    expect(read(refused, later)).toMatchObject({ load: 'bad-setting', problem });
    expect(read({ loadState: 'error' }, undefined).problem).toEqual({ ...problem, reason: null });
    expect(read({ loadState: 'loaded' }, later).problem).toBeUndefined();
  });

  it('counts as it is in its files once these were changed after that', () => {
    expect(read(refused, 1).problem).toBeUndefined();
    expect(read({ ...refused, dropInPaths: ['/a.service.d/gone.conf'] }, later).problem).toBeUndefined();
  });

  it('is no name that no manager loads', () => {
    expect(isRefusedLive(notLoadable('a@.service'))).toBe(false);
    expect(isRefusedLive(undefined)).toBe(false);
  });
});
