/** E-mail through the mail server of the user's provider. */
import { channelDefaults } from '../../config/defaults.ts';
import { connectionFault } from '../../http/connection-fault.ts';
import { trustedAuthorities } from '../../http/trust.ts';
import { errorCode } from '../../kernel/errno.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { Channel, ChannelFault, Receipt } from '../channel.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function email(name: string, settings: ChannelSettings<'email'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'plain',
    async send({ id, title, body }, signal) {
      const { server, user, from, to } = settings;
      const password = settings.password === undefined ? undefined : read(settings.password);
      if (settings.password !== undefined && password === undefined) return secretMissing(settings.password);
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        ...placeOf(server, settings.security ?? channelDefaults.security),
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
        return receiptOf(error);
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
function placeOf(server: string, security: Security) {
  const [host = '', port] = server.split(/:(?=\d+$)/);
  const usual = { tls: 465, starttls: 587, none: 25 }[security];
  return {
    host: host.replaceAll(/^\[|\]$/g, ''),
    port: port === undefined ? usual : Number(port),
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

function receiptOf(error: unknown): Receipt {
  const status = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : null;
  const said = error instanceof Error && 'response' in error ? String(error.response) : '';
  if (status === null) return { kind: 'later', fault: connectionFault(error) };
  const fault: ChannelFault = { code: codeOf(status), status, detail: inShort(said, 200) };
  // RFC 5321, 4.2.1: 5yz is permanent. Faults of the login or an address can be corrected later, a fault of the letter cannot.
  const isAboutLetter = errorCode(error) === 'EMESSAGE';
  return status >= 500 && isAboutLetter ? { kind: 'refused', fault } : { kind: 'later', fault };
}

function codeOf(status: number): ChannelFault['code'] {
  if (status === 530 || status === 534 || status === 535 || status === 538) return 'unauthorized';
  if (status === 550 || status === 551 || status === 553) return 'not-found';
  if (status === 421 || status === 450 || status === 451 || status === 452) return 'server-error';
  return 'rejected';
}
