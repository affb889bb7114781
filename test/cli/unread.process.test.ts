/** Files that a service names and that the user who looks may not read are told of. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { darumaProcess } from './daruma.ts';

const isRoot = process.getuid?.() === 0;
const kuma = 1000;
const units = '.config/systemd/user';
const named = ['.openclaw/openclaw.json', 'litellm/config.yaml', 'bin/notify-restart.sh'];

function homeOf(home: string): Readonly<Record<string, string>> {
  return {
    [`${units}/openclaw-gateway.service`]: '[Service]\nExecStart=/usr/bin/openclaw gateway --port 18789\n',
    [`${units}/litellm.service`]: `[Service]
ExecStart=/usr/bin/litellm --port 4000 --config ${home}/litellm/config.yaml
ExecStartPost=${home}/bin/notify-restart.sh
`,
  };
}

const texts: Readonly<Record<string, string>> = {
  '.openclaw/openclaw.json': '{ "topsecret": 1 }\n',
  'litellm/config.yaml': '- topsecret: [\n',
  'bin/notify-restart.sh': '#!/bin/sh\nsleep 500 # topsecret\n',
};

/** What is said of each of the named files. */
function toldOf(stderr: string): readonly (readonly string[])[] {
  const lines = stderr.split('\n');
  return named.map(name => lines.filter(line => line.includes(name)));
}

const once = named.map(name => [
  expect.stringContaining(`${name}: cannot be read (EACCES): not looked into`),
]);

describe.runIf(isRoot)('what its owner keeps from others', { timeout: 60_000 }, () => {
  const below = (tree: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(tree).map(([name, text]) => [`home/kuma/${name}`, text]));

  function lockedRoot(): string {
    const root = unpackedRoot({
      'etc/passwd': `kuma:x:${kuma}:${kuma}::/home/kuma:/bin/bash\n`,
      ...below({ ...homeOf('/home/kuma'), ...texts }),
    });
    fs.chmodSync(root, 0o755);
    for (const name of named) fs.chmodSync(path.join(root, 'home/kuma', name), 0o600);
    return root;
  }

  it('is told of once by check', () => {
    const root = lockedRoot();
    const { stdout, stderr } = darumaProcess(['check', '--root', root], { uid: kuma });
    expect(toldOf(stderr)).toEqual(once);
    expect(stdout + stderr).not.toContain('topsecret');
    expect(toldOf(darumaProcess(['check', '--root', root, '--json'], { uid: kuma }).stderr)).toEqual(once);
  });

  it('is told of by failover', () => {
    const { stdout, stderr } = darumaProcess(['failover', '--root', lockedRoot()], { uid: kuma });
    expect(stderr).toContain('openclaw.json: cannot be read (EACCES): not looked into\n');
    expect(stdout).toContain('this file could not be read');
  });

  it('is told of where root looks at links of another user', () => {
    const locked = unpackedRoot(texts);
    fs.chmodSync(locked, 0o755);
    for (const name of named) fs.chmodSync(path.join(locked, name), 0o600);
    const home = unpackedRoot({});
    const tree = homeOf(home);
    for (const [name, text] of Object.entries(tree)) {
      fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
      fs.writeFileSync(path.join(home, name), text);
    }
    for (const name of named) {
      fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
      fs.symlinkSync(path.join(locked, name), path.join(home, name));
    }
    fs.lchownSync(home, kuma, kuma);
    for (const name of fs.readdirSync(home, { recursive: true, encoding: 'utf8' }))
      fs.lchownSync(path.join(home, name), kuma, kuma);
    const { stdout, stderr } = darumaProcess(['check', '--home', home]);
    expect(toldOf(stderr)).toEqual(once);
    expect(stdout + stderr).not.toContain('topsecret');
  });

  it('is told of where a folder on the way is closed', () => {
    const root = lockedRoot();
    fs.chmodSync(path.join(root, 'home/kuma/bin'), 0o700);
    const { stderr } = darumaProcess(['check', '--root', root], { uid: kuma });
    expect(toldOf(stderr)).toEqual(once);
  });
});
