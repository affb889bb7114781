/** E-mail against a real SMTP server. */
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WrittenChannel } from '../../../src/config/schema.ts';
import { createChannels } from '../../../src/notify/channels/index.ts';
import { freePort, serve, soon } from '../../support/http-server.ts';
import { letter } from './wire.ts';

const password = 'S3cretPassword';

async function mailServer(more: SMTPServerOptions = {}, wantedPort?: number) {
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
  const port = wantedPort ?? (await freePort());
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())));
  return { server: `127.0.0.1:${port}`, mails };
}

function channelsTo(server: string, security: 'tls' | 'starttls' | 'none' | undefined, secret = password) {
  const written = {
    type: 'email' as const,
    server,
    ...(security && { security }),
    user: 'kuma',
    password: 'env:PASSWORD',
    from: 'daruma <daruma@example.org>',
    to: ['one@example.org', 'two@example.org'],
  } satisfies WrittenChannel;
  return createChannels({ notify: { channels: [written] } }, { PASSWORD: secret });
}

/** The channel to the first receiver. */
function channelTo(...call: Parameters<typeof channelsTo>) {
  const [channel] = channelsTo(...call);
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

  it('is delivered to one receiver although another is refused, and waits for that one alone', async () => {
    const { server, mails } = await mailServer({
      onRcptTo: ({ address }, _, done) =>
        address.startsWith('one') ? done(refusal(550, 'no such mailbox')) : done(),
    });
    const receipts = await Promise.all(
      channelsTo(server, 'none').map(async channel => [channel.name, await channel.send(letter, soon())]),
    );
    expect(receipts).toMatchObject([
      ['email (one@example.org)', { kind: 'later', fault: { code: 'not-found', status: 550 } }],
      ['email (two@example.org)', { kind: 'delivered' }],
    ]);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatch(/^To: one@example\.org, two@example\.org\r$/m);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'names the setting that is usual at its port, and uses it',
    async () => {
      const { server } = await mailServer({ disabledCommands: [] }, 587);
      const wrong = { code: 'wrong-security', status: null, detail: 'security: starttls' };
      expect(await channelTo(server, 'tls').send(letter, soon())).toEqual({ kind: 'later', fault: wrong });
      // The certificate is of nobody: so far it comes with STARTTLS alone.
      expect(await channelTo(server, undefined).send(letter, soon())).toMatchObject({
        fault: { code: 'tls' },
      });
    },
  );

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
