/** E-mail against a real SMTP server. */
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WrittenChannel } from '../../../src/config/schema.ts';
import { createChannels } from '../../../src/notify/channels/index.ts';
import { freePort, serve, soon } from '../../support/http-server.ts';
import { letter } from './wire.ts';

const password = 'S3cretPassword';

async function mailServer(more: SMTPServerOptions = {}) {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _, done) =>
      auth.password === password
        ? done(null, { user: auth.username })
        : done(Object.assign(new Error('Invalid login'), { responseCode: 535 })),
    onData: (stream, _, done) => {
      let text = '';
      stream.on('data', (part: Buffer) => {
        text += part.toString();
      });
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
    ...more,
  });
  server.on('error', () => undefined);
  const port = await freePort();
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())));
  return { server: `127.0.0.1:${port}`, mails };
}

function channelTo(server: string, security: 'tls' | 'starttls' | 'none', secret = password) {
  const written = {
    type: 'email' as const,
    server,
    security,
    user: 'kuma',
    password: 'env:PASSWORD',
    from: 'daruma <daruma@example.org>',
    to: ['one@example.org', 'two@example.org'],
  } satisfies WrittenChannel;
  const [channel] = createChannels({ notify: { channels: [written] } }, { PASSWORD: secret });
  if (channel === undefined) throw new Error('no channel');
  return channel;
}

/** A refusal with a status of its own. */
function refusal(status: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: status });
}

describe('e-mail', () => {
  it('is delivered to all receivers, under the same name when it comes twice', async () => {
    const { server, mails } = await mailServer();
    const channel = channelTo(server, 'none');
    expect(await channel.send(letter, soon())).toEqual({ kind: 'delivered' });
    expect(await channel.send(letter, soon())).toEqual({ kind: 'delivered' });
    const [mail = '', again] = mails;
    expect(mail).toMatch(/^From: daruma <daruma@example\.org>\r$/m);
    expect(mail).toMatch(/^To: one@example\.org, two@example\.org\r$/m);
    expect(mail).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(mail).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(mail).toContain('It exited with status 3.\r\nIt was down for 7 s.');
    const name = /^Message-ID: (.*)\r$/m;
    expect(name.exec(mail)?.[1]).toBe('<daruma-own-17-1@example.org>');
    expect(name.exec(again ?? '')?.[1]).toBe(name.exec(mail)?.[1]);
  });

  it('says that a password is wrong, and not which', async () => {
    const { server } = await mailServer();
    const receipt = await channelTo(server, 'none', 'Wr0ngPassword').send(letter, soon());
    expect(receipt).toMatchObject({ kind: 'later', fault: { code: 'unauthorized', status: 535 } });
    expect(JSON.stringify(receipt)).not.toContain('Wr0ng');
  });

  it.each([
    [450, 'later', 'server-error'],
    [550, 'later', 'not-found'],
  ])('keeps what a receiver does not take for now: %i', async (status, kind, code) => {
    const { server } = await mailServer({
      onRcptTo: (_, __, done) => done(refusal(status, 'no such mailbox')),
    });
    expect(await channelTo(server, 'none').send(letter, soon())).toMatchObject({
      kind,
      fault: { code, status },
    });
  });

  it.each([
    [452, 'later', 'server-error'],
    [554, 'refused', 'rejected'],
  ])('tells a letter that is never taken from one that may be: %i', async (status, kind, code) => {
    const { server } = await mailServer({
      onData: (stream, _, done) => {
        stream.resume();
        stream.on('end', () => done(refusal(status, 'not this one')));
      },
    });
    expect(await channelTo(server, 'none').send(letter, soon())).toMatchObject({
      kind,
      fault: { code, status },
    });
  });

  it.each(['tls', 'starttls'] as const)(
    'believes no certificate that nobody vouches for: %s',
    async security => {
      const { server, mails } = await mailServer({ secure: security === 'tls', disabledCommands: [] });
      expect(await channelTo(server, security).send(letter, soon())).toMatchObject({
        kind: 'later',
        fault: { code: 'tls' },
      });
      expect(mails).toEqual([]);
    },
  );

  it('does not give a password away where encryption is wanted and there is none', async () => {
    const logins: unknown[] = [];
    const { server } = await mailServer({
      onAuth: (auth, _, done) => {
        logins.push(auth.password);
        done(null, { user: 'kuma' });
      },
    });
    expect(await channelTo(server, 'starttls').send(letter, soon())).toMatchObject({ kind: 'later' });
    expect(logins).toEqual([]);
  });

  it('waits for another time where nobody listens, and where nobody answers', async () => {
    expect(await channelTo(`127.0.0.1:${await freePort()}`, 'none').send(letter, soon())).toMatchObject({
      kind: 'later',
      fault: { code: 'refused-connection' },
    });
    const { host } = new URL(await serve(() => 'hang'));
    expect(await channelTo(host, 'none').send(letter, soon(0.3))).toMatchObject({
      kind: 'later',
      fault: { code: 'timeout' },
    });
  });
});
