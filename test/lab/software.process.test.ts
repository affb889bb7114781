import { afterEach, expect, test, vi } from 'vitest';
import { allSoftware, bindOf, isPrepared, isSoftware } from '../../lab/software.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('software has its place in the cache by its version, and one in hosts without it', () => {
  vi.stubEnv('DARUMA_LAB_CACHE', '/nonexistent');
  for (const each of allSoftware) {
    const { source, target } = bindOf(each);
    expect(source).toMatch(new RegExp(`^/nonexistent/${each}-\\d+\\.\\d+\\.\\d+$`));
    expect(target).toBe(`/opt/${each}`);
    expect(isPrepared(each)).toBe(false);
  }
});

test('a version of systemd is no software', () => {
  expect([...allSoftware, '257', 'all', 'toString'].filter(isSoftware)).toEqual(allSoftware);
});
