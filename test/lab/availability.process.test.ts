import { afterEach, expect, test, vi } from 'vitest';
import { labAvailability } from '../../lab/availability.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('without root the lab is not available, whatever else is there', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  expect(labAvailability()).toEqual(['root']);
});

test('the commands that are missing are named', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0);
  vi.stubEnv('PATH', '/nonexistent');
  expect(labAvailability()).toContain('systemd-nspawn');
});
