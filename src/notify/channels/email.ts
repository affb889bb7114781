/**
 * E-mail through the mail server of the user's provider.
 *
 * Each receiver is a channel of its own: a server may accept one and refuse another (RFC 5321, 4.2.5), and a letter to all would
 * be lost for the one or come twice to the other.
 */
import { channelDefaults } from '../../config/defaults.ts';
import { connectionFault } from '../../http/connection-fault.ts';
import { trustedAuthorities } from '../../http/trust.ts';
import { errorCode } from '../../kernel/errno.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { Channel, ChannelFault, Receipt } from '../channel.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function email(
  name: string,
  settings: ChannelSettings<'email'>,
  read: SecretReader,
): readonly Channel[] {
  const receivers = [...new Set(settings.to)];
  return receivers.map(receiver => {
    const own = receivers.length === 1 ? name : `${name} (${addressIn(receiver)})`;
    return emailTo(receiver, own, settings, read);
  });
}

/** The address of `Ada <ada@example.org>`. */
function addressIn(receiver: string): string {
  return /<([^<>]+)>\s*$/.exec(receiver)?.[1] ?? receiver.trim();
}

function emailTo(
  receiver: string,
  name: string,
  settings: ChannelSettings<'email'>,
  read: SecretReader,
): Channel {
  return {
    name,
    markup: 'plain',
    async send({ id, title, body }, signal) {
      const { server, user, from, to } = settings;
      const password = settings.password === undefined ? undefined : read(settings.password);
      if (settings.password !== undefined && password === undefined) return secretMissing(settings.password);
      const place = placeOf(server, settings.security);
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        ...place,
        ...patience,
        tls: { ca: trustedAuthorities() },
        ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
      });
      const abandon = () => transport.close();
      signal.addEventListener('abort', abandon);
      try {
        await Promise.race([
          transport.sendMail({
            from,
            to: [...to],
            envelope: { from, to: receiver },
            subject: title,
            text: `${body}\n`,
            // The same id for every attempt: mail programs show a letter that arrived twice only once.
            messageId: `<${id}@${from.split('@').at(-1)?.replace(/>.*/, '') ?? 'daruma'}>`,
            // RFC 3834: automatic responders do not answer.
            headers: { 'Auto-Submitted': 'auto-generated' },
          }),
          ended(signal),
        ]);
        return { kind: 'delivered' };
      } catch (error) {
        return receiptOf(error, place);
      } finally {
        signal.removeEventListener('abort', abandon);
        transport.close();
      }
    },
  };
}

/** Shorter than the limit of the whole attempt, so that nodemailer closes the connection itself. */
const patience = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 15_000 } as const;

type Security = NonNullable<ChannelSettings<'email'>['security']>;

/** RFC 8314: port 465 with TLS from the start; 587 with STARTTLS; 25 for a server without TLS. */
const portOf: Readonly<Record<Security, number>> = { tls: 465, starttls: 587, none: 25 };

/** What a server usually speaks at a port; undefined where both are usual. */
function usualAt(port: number): Security | undefined {
  if (port === portOf.tls) return 'tls';
  return port === portOf.starttls ? 'starttls' : undefined;
}

function placeOf(server: string, written: Security | undefined) {
  const [host = '', port] = server.split(/:(?=\d+$)/);
  const usual = port === undefined ? undefined : usualAt(Number(port));
  const security = written ?? usual ?? channelDefaults.security;
  return {
    host: host.replaceAll(/^\[|\]$/g, ''),
    port: port === undefined ? portOf[security] : Number(port),
    security,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
  };
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

type Place = ReturnType<typeof placeOf>;

function receiptOf(error: unknown, place: Place): Receipt {
  const status = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : null;
  const said = error instanceof Error && 'response' in error ? String(error.response) : '';
  if (status === null) return { kind: 'later', fault: faultOfConnection(connectionFault(error), place) };
  const fault: ChannelFault = { code: codeOf(status), status, detail: inShort(said, 200) };
  const isAboutLetter = status >= 500 && errorCode(error) === 'EMESSAGE' && saysLetter.test(said);
  return { kind: isAboutLetter ? 'refused' : 'later', fault };
}

/** RFC 3463: too long for the receiver or the server, or its content. A full mailbox, a policy, a filter may change. */
const saysLetter = /^5\d\d[ -]5\.(?:2\.3|3\.4|6\.\d{1,3})\b/;

/** TLS from the start and STARTTLS do not understand each other: the one fails, the other waits for a greeting. */
function faultOfConnection(fault: ChannelFault, { port, security }: Place): ChannelFault {
  const usual = usualAt(port);
  if (usual === undefined || usual === security || !/^(?:tls|timeout|connection-lost)$/.test(fault.code))
    return fault;
  return { code: 'wrong-security', status: null, detail: `security: ${usual}` };
}

function codeOf(status: number): ChannelFault['code'] {
  if (status === 530 || status === 534 || status === 535 || status === 538) return 'unauthorized';
  if (status === 550 || status === 551 || status === 553) return 'not-found';
  if (status === 421 || status === 450 || status === 451 || status === 452) return 'server-error';
  return 'rejected';
}
