/** The undo of an installation of hooks leaves what the hooks of other services need. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { languages } from '../../src/i18n/catalogue.ts';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const units = '.config/systemd/user';
const service = '[Service]\nExecStart=/bin/true\nRestart=always\n';
const shared = [
  'daruma-notify@.service',
  'daruma-outbox.path',
  'daruma-outbox.service',
  'daruma-outbox.timer',
  'paths.target.wants/daruma-outbox.path',
  'timers.target.wants/daruma-outbox.timer',
];

it.each(languages)('of a removal says that the hooks are in force again (%s)', async language => {
  const HOME = unpackedRoot({ [`${units}/a.service`]: service });
  const env = { HOME, XDG_RUNTIME_DIR: `${HOME}/none` };
  const run = (...words: readonly string[]) => daruma([...words, '--lang', language], { env });
  await run('notify', 'install', '--yes', 'a.service');
  await run('notify', 'uninstall', '--yes');
  const { code, stdout } = await run('undo');
  expect([code, stdout]).toEqual([0, expect.stringContaining('daruma notify uninstall')]);
  expect(fs.existsSync(`${HOME}/${units}/a.service.d/zz-daruma.notify.conf`)).toBe(true);
  // Whoever takes back what was added is not told that.
  expect((await run('notify', 'uninstall', '--yes')).code).toBe(0);
  expect((await run('notify', 'install', '--yes', 'a.service')).code).toBe(0);
  expect((await run('undo')).stdout).not.toContain('notify uninstall');
});

it.each(languages)(
  'of the first of two, which serves the second until that is undone, too (%s)',
  async language => {
    const HOME = unpackedRoot({ [`${units}/a.service`]: service, [`${units}/b.service`]: service });
    const env = { HOME, XDG_RUNTIME_DIR: `${HOME}/none` };
    const run = (...words: readonly string[]) => daruma([...words, '--lang', language], { env });
    const left = () =>
      fs
        .readdirSync(path.join(HOME, units), { recursive: true, withFileTypes: true })
        .filter(each => !each.isDirectory() && each.name.includes('daruma'))
        .map(each => path.relative(path.join(HOME, units), path.join(each.parentPath, each.name)))
        .sort();
    for (const unit of ['a.service', 'b.service']) {
      expect(await run('notify', 'install', '--yes', unit)).toMatchObject({ code: 0 });
    }
    const { fixes } = JSON.parse((await run('undo', '--list', '--json')).stdout);
    const first = fixes.find(({ units: names }: { units: readonly string[] }) => names.includes('a.service'));

    const undone = await run('undo', first.id);
    expect(undone.code).toBe(3);
    expect(undone.stdout.replaceAll(/\s+/g, '')).toContain(
      language === 'en'
        ? 'b.service.d/zz-daruma.notify.confneedsit'
        : 'b.service.d/zz-daruma.notify.conf还要用到它',
    );
    expect(left()).toEqual(['b.service.d/zz-daruma.notify.conf', ...shared].sort());

    expect(await run('undo')).toMatchObject({ code: 0 });
    expect(left()).toEqual(shared);
    expect(await run('undo')).toMatchObject({ code: 0 });
    expect(left()).toEqual([]);
  },
);
