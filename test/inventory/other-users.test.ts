import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { othersWithServices } from '../../src/inventory/other-users.ts';
import type { Host } from '../../src/systemd/host/host.ts';
import { hostOf, type Tree, unpackedRoot } from '../support/root.ts';

const units = '.config/systemd/user';
const service = '[Service]\nExecStart=/bin/true\n';
const root = { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh' };

/** A running machine with these users, whose homes are folders of this one. */
function machine(homes: Readonly<Record<string, string>>, more: Partial<Host> = {}): Host {
  const lines = Object.entries(homes).map(
    ([name, home], index) => `${name}:x:${1000 + index}:1000::${home}:`,
  );
  const accounts = ['daemon:x:1:1::/usr/sbin:', ...lines].join('\n');
  return { ...hostOf({ 'etc/passwd': accounts }), kind: 'live', user: root, ...more };
}

const named = (host: Host) => othersWithServices(host).map(({ name }) => name);

describe('othersWithServices', () => {
  it('finds the people who have services', () => {
    const homes = {
      kuma: unpackedRoot({ [`${units}/web.service`]: service }),
      linked: unpackedRoot({ [`${units}/web.service`]: { link: '/nowhere' } }),
      empty: unpackedRoot({ [`${units}/`]: '' }),
      timers: unpackedRoot({ [`${units}/a.timer`]: '' }),
      bare: unpackedRoot({}),
      gone: '/nonexistent/gone',
    };
    expect(named(machine(homes))).toEqual(['kuma', 'linked']);
  });

  it('tells nobody but root, of the running machine', () => {
    const homes = { kuma: unpackedRoot({ [`${units}/web.service`]: service }) };
    expect(named(machine(homes, { user: { ...root, uid: 1001 } }))).toEqual([]);
    expect(named(machine(homes, { user: undefined }))).toEqual([]);
    expect(named(machine(homes, { kind: 'offline' }))).toEqual([]);
  });

  it.runIf(process.geteuid?.() === 0)('follows no link to where that user may not look', () => {
    const own: Tree = { 'a.service': service };
    const priv = unpackedRoot(own);
    fs.chmodSync(priv, 0o700);
    const home = unpackedRoot({ '.config/systemd/': '', [units]: { link: priv } });
    for (const folder of ['', '.config', '.config/systemd']) fs.chownSync(`${home}/${folder}`, 4321, 4321);
    fs.lchownSync(`${home}/${units}`, 4321, 4321);
    expect(named(machine({ kuma: home }))).toEqual([]);
  });
});
