/** Programs that messages are handed to. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createChannels } from '../../../src/notify/channels/index.ts';
import { unpackedRoot } from '../../support/root.ts';
import { soon } from '../../support/http-server.ts';
import { letter } from './wire.ts';

function channelFor(...command: readonly string[]) {
  const [, channel] = createChannels(
    {
      notify: {
        channels: [
          { type: 'gotify', server: 'http://127.0.0.1:9', token: 'env:TOKEN' },
          { type: 'command', command: [...command] },
        ],
      },
    },
    { PATH: process.env['PATH'], TOKEN: 'S3cretToken', OWN: 'own' },
  );
  if (channel === undefined) throw new Error('no channel');
  return channel;
}

describe('a command', () => {
  it('gets the letter on its standard input, and no secret of other channels', async () => {
    const folder = unpackedRoot({});
    const script =
      'cat > "$1/input"; env > "$1/environment"; tr "\\0" " " < /proc/$$/cmdline > "$1/arguments"';
    const receipt = await channelFor('sh', '-c', script, 'sh', folder).send(letter, soon());
    expect(receipt).toEqual({ kind: 'delivered' });
    const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
    expect(read('input')).toBe(`${letter.title}\n${letter.body}\n`);
    expect(read('environment')).toMatch(/^OWN=own$/m);
    expect(read('environment')).toMatch(/^DARUMA_MESSAGE_ID=daruma-own-17-1$/m);
    expect(read('environment') + read('arguments')).not.toContain('S3cret');
  });

  it('that fails is asked again, and what it said is told', async () => {
    expect(
      await channelFor('sh', '-c', 'echo a >&2; echo no line >&2; exit 75').send(letter, soon()),
    ).toEqual({
      kind: 'later',
      fault: { code: 'command-failed', status: 75, detail: 'no line' },
    });
  });

  it('that does not read, is not there, or does not end, is no harm', async () => {
    const body = 'x'.repeat(1_000_000);
    expect(await channelFor('true').send({ ...letter, body }, soon())).toEqual({ kind: 'delivered' });
    expect(await channelFor('/nonexistent/notifier').send(letter, soon())).toEqual({
      kind: 'later',
      fault: { code: 'command-failed', status: null, detail: '/nonexistent/notifier: ENOENT' },
    });
    expect(await channelFor('sleep', '100').send(letter, soon(0.2))).toMatchObject({
      kind: 'later',
      fault: { code: 'timeout' },
    });
  });
});
