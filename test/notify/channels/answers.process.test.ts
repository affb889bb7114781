/** Every answer that services document: what becomes of the message, and what a person reads. docs/messengers.md shows it. */
import fs from 'node:fs';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WrittenChannel } from '../../../src/config/schema.ts';
import type { Language } from '../../../src/i18n/catalogue.ts';
import { loadCatalogue } from '../../../src/i18n/index.ts';
import type { Channel, Receipt } from '../../../src/notify/channel.ts';
import { createChannels } from '../../../src/notify/channels/index.ts';
import { checkout } from '../../cli/daruma.ts';
import { freePort, serve, soon } from '../../support/http-server.ts';
import { mailAnswers, services, type DocumentedAnswer, type MailAnswer, type Service } from './answers.ts';
import { letter } from './wire.ts';

const secret = 'S3cretTokenOfMine';

function open(channel: WrittenChannel, environment: NodeJS.ProcessEnv = {}): Channel {
  const [opened] = createChannels({ notify: { channels: [channel] } }, { TOKEN: secret, ...environment });
  if (opened === undefined) throw new Error('no channel');
  return opened;
}

async function receiptOf({ channel, path: place = '' }: Service, answer: DocumentedAnswer): Promise<Receipt> {
  const { status, body, headers } = answer;
  const url = await serve(() => ({
    status,
    ...(body !== undefined && { body }),
    ...(headers && { headers }),
  }));
  return open(channel(url), { HOOK: url + place }).send(letter, soon());
}

async function mailReceiptOf({ at, status, said }: MailAnswer): Promise<Receipt> {
  const refusal = () => Object.assign(new Error(said), { responseCode: status });
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username = '' }, _, done) =>
      at === 'AUTH' ? done(refusal()) : done(null, { user: username }),
    onRcptTo: (_, __, done) => (at === 'RCPT' ? done(refusal()) : done()),
    onData: (stream, _, done) => {
      stream.resume();
      stream.on('end', () => done(refusal()));
    },
  });
  server.on('error', () => undefined);
  const port = await freePort();
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())));
  const channel = open({
    type: 'email',
    server: `127.0.0.1:${port}`,
    security: 'none',
    user: 'kuma',
    password: 'env:TOKEN',
    from: 'daruma@example.org',
    to: ['one@example.org'],
  });
  return channel.send(letter, soon());
}

describe.each(services)('$name', service => {
  it.each(service.answers)('answers $status $body', async answer => {
    const receipt = await receiptOf(service, answer);
    const { becomes: kind, code } = answer;
    expect(receipt).toMatchObject({ kind, ...(code && { fault: { code } }) });
    expect(JSON.stringify(receipt)).not.toContain(secret);
  });
});

describe('e-mail', () => {
  it.each(mailAnswers)('answers $status $said to $at', async answer => {
    const { becomes: kind, code, status } = answer;
    expect(await mailReceiptOf(answer)).toMatchObject({ kind, fault: { code, status } });
  });
});

describe.each([
  ['en', 'messengers.md'],
  ['zh-CN', 'messengers.zh-CN.md'],
] as const)('the table in %s', (language, name) => {
  it('is that of these tests', async () => {
    const file = path.join(checkout, 'docs', name);
    const page = fs.readFileSync(file, 'utf8');
    const table = await tableOf(language);
    const marked = /(<!-- generated: answers -->\n)[\s\S]*?(<!-- \/generated -->)/;
    expect(page).toMatch(marked);
    await expect(
      page.replace(marked, (_, begin: string, end: string) => `${begin}${table}${end}`),
    ).toMatchFileSnapshot(file);
  });
});

async function tableOf(language: Language): Promise<string> {
  const texts = {
    en: {
      head: '| service | answers | the message | is told as |',
      becomes: { delivered: 'is delivered', later: 'waits', refused: 'is refused' },
    },
    'zh-CN': {
      head: '| 服务 | 应答 | 消息 | 显示为 |',
      becomes: { delivered: '已送达', later: '继续等待', refused: '被拒收' },
    },
  }[language];
  const { notify } = await loadCatalogue(language);
  const row = (name: string, answer: string, receipt: Receipt) =>
    `| ${name} | ${answer.replaceAll('|', '\\|')} | ${texts.becomes[receipt.kind]} | ${
      receipt.kind === 'delivered' ? '' : notify.fault({ ...receipt.fault, detail: '' })
    } |`;
  const rows: string[] = [];
  for (const service of services) {
    for (const answer of service.answers) {
      rows.push(row(service.name, saidBy(answer), await receiptOf(service, answer)));
    }
  }
  for (const answer of mailAnswers) {
    rows.push(row('e-mail', `${answer.at}: ${answer.status} ${answer.said}`, await mailReceiptOf(answer)));
  }
  return `${[texts.head, '|---|---|---|---|', ...rows].join('\n')}\n`;
}

/** The words of an answer, with its status. */
function saidBy({ status, body }: DocumentedAnswer): string {
  const said = typeof body === 'string' ? body : JSON.stringify(body ?? '').replace(/^""$/, '');
  return said === '' ? String(status) : `${status} \`${said}\``;
}
