/** The line under a table or under findings that names the fix. */
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const blind = '[Service]\nExecStart=/bin/true\nRestart=on-failure\n[Install]\nWantedBy=default.target\n';

/** An unpacked system of kuma's. */
const root = () =>
  unpackedRoot({
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
    'bin/true': '',
    'home/kuma/.config/systemd/user/web.service': blind,
  });

/** The command line that is offered; undefined without one. */
async function offered(args: readonly string[]): Promise<readonly string[] | undefined> {
  const { stdout } = await daruma(args);
  const [, line] = /"daruma (fix[^"]*)"/.exec(stdout.replaceAll('\n', ' ')) ?? [];
  return line?.split(' ');
}

describe.each(['status', 'check'])('daruma %s', command => {
  it.each([
    ['--root', (tree: string) => ['--root', tree]],
    ['--home', (tree: string) => ['--home', `${tree}/home/kuma`]],
    ['both', (tree: string) => ['--root', tree, '--home', '/home/kuma']],
    ['a version', (tree: string) => ['--root', tree, '--systemd', '245']],
    ['a unit', (tree: string) => ['--root', tree, 'web']],
  ])('offers a fix that does something, with the options that it was given: %s', async (_, options) => {
    const given = options(root());
    const fix = await offered([command, ...given]);
    expect(fix).toEqual(['fix', ...given]);
    const dry = await daruma([...(fix ?? []), '--dry-run']);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('Restart=always');
    expect((await daruma([...(fix ?? []), '--yes'])).code).toBe(0);
    expect(await offered([command, ...given])).toBeUndefined();
  });

  it.each([
    ['a folder', (tree: string) => [tree]],
    ['a folder of units', (tree: string) => [`${tree}/home/kuma/.config/systemd/user`]],
    ['a file', (tree: string) => [`${tree}/home/kuma/.config/systemd/user/web.service`]],
    ['--quiet', (tree: string) => ['--root', tree, '--quiet']],
  ])('offers none for %s', async (_, words) => {
    expect(await offered([command, ...words(root())])).toBeUndefined();
  });
});
