/** `daruma notify setup` where the files of OpenClaw would make a reader wait for ever. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { darumaProcess } from './daruma.ts';

it.each([
  'openclaw.json',
  'token',
  'gateway.systemd.env',
  '.env',
  'state/openclaw.sqlite',
  'agents/main/sessions/sessions.json',
])('a pipe in the place of %s', name => {
  const HOME = unpackedRoot({
    '.openclaw/state/': '',
    '.openclaw/agents/main/sessions/': '',
    ...(name === 'openclaw.json'
      ? {}
      : { '.openclaw/openclaw.json': '{ channels: { telegram: { tokenFile: "~/.openclaw/token" } } }' }),
    ...(name === 'token' ? {} : { '.openclaw/token': '123456789:AAEq3-_uKzV4r1pX0example0example0ex\n' }),
  });
  execFileSync('mkfifo', [path.join(HOME, '.openclaw', name)]);
  const { code, stderr } = darumaProcess(['notify', 'setup', '--yes'], { env: { HOME } });
  expect([code, stderr]).toEqual([2, expect.stringContaining('daruma: ')]);
});
