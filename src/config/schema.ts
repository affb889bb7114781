/**
 * The schema of the configuration file: strict at every level, with a description of each key. The error of each check is the
 * name of what was expected (`problem.ts`); `i18n/` makes the text. `zod/mini` loads faster than `zod`.
 */
import path from 'node:path';
import * as z from 'zod/mini';
import { severities } from '../check/severity.ts';
import { ruleIds } from '../check/rule-ids.ts';
import { parseUnitName, serviceName } from '../systemd/unit-name.ts';
import { parseTimeSpan } from '../systemd/values/time-span.ts';
import { channelDefaults, notifyDefaults, probeDefaults } from './defaults.ts';
import type { Expectation } from './problem.ts';

const ruleId = z.enum(ruleIds);

const timeSpan = z
  .union([z.number(), z.string()], expected('time-span'))
  .check(z.refine(value => secondsOf(value) > 0, expected('time-span')));

const timeSpanOrZero = z
  .union([z.number(), z.string()], expected('time-span-or-zero'))
  .check(z.refine(value => secondsOf(value) >= 0, expected('time-span-or-zero')));

const probeTiming = {
  interval: optional(timeSpan, {
    description: 'Time from one question to the next. Not used yet: a running service is not asked.',
    default: probeDefaults.interval,
  }),
  timeout: optional(timeSpan, {
    description: 'How long an answer may take. Not used yet: a running service is not asked.',
    default: probeDefaults.timeout,
  }),
  failures: optional(z.int(expected('count')).check(z.gte(1, expected('count'))), {
    description:
      'How many questions in a row must fail before the service counts as hung. Not used yet: a running service is not asked.',
    default: probeDefaults.failures,
  }),
  grace: optional(timeSpanOrZero, {
    description: 'Time after a start in which failures do not count: many services warm up slowly.',
    default: probeDefaults.grace,
  }),
};

const httpProbe = mapping({
  http: described(z.string(expected('http-url')).check(z.refine(isProbeUrl, expected('http-url'))), {
    description: 'Address to ask with GET, with http:// or https://, without a password.',
  }),
  status: optional(z.array(httpStatus(), expected('list')).check(z.minLength(1, expected('list'))), {
    description: 'Statuses that mean it is alive. Without it: 200 to 299.',
  }),
  body: optional(text('text'), {
    description: 'Text that the answer must hold. Some services answer 200 to anything.',
  }),
  ...probeTiming,
});

const tcpProbe = mapping({
  tcp: described(
    z.string(expected('host-and-port')).check(z.refine(isHostAndPort, expected('host-and-port'))),
    {
      description:
        'HOST:PORT that must accept a connection. A process that hangs still accepts: prefer http where there is one.',
    },
  ),
  ...probeTiming,
});

const unixProbe = mapping({
  unix: described(
    z
      .string(expected('absolute-path'))
      .check(z.refine(value => path.isAbsolute(value), expected('absolute-path'))),
    {
      description: 'Path of a unix socket that must accept a connection.',
    },
  ),
  ...probeTiming,
});

const commandProbe = mapping({
  command: described(
    z.array(text('command'), expected('command')).check(z.minLength(1, expected('command'))),
    {
      description: 'Program and arguments; exit status 0 means it is alive. No shell is involved.',
    },
  ),
  ...probeTiming,
});

const probe = z.union(
  [z.literal('auto', expected('probe')), httpProbe, tcpProbe, unixProbe, commandProbe],
  expected('probe'),
);

const unit = mapping({
  critical: optional(z.boolean(expected('boolean')), {
    description:
      'Whether it must run. Of a service that need not, nothing is critical: findings are warnings at most.',
    default: true,
  }),
  probe: optional(probe, {
    description:
      'How to ask it, after a start, whether it answers, which systemd cannot see. auto: as daruma knows the service.',
  }),
  ignore: optional(z.nullable(z.partialRecord(ruleId, text('reason'), expected('mapping'))), {
    description: 'Findings that are accepted: the rule, and the reason. They are counted, not hidden.',
  }),
});

const nameSetting = optional(text('text'), {
  description:
    'What it is called in `daruma notify status`; without it as its type. Its messages wait under this name.',
});

const secret = z.string(expected('secret')).check(z.refine(isSecretReference, expected('secret')));

/** Whether a text is a reference to a secret. Paths are absolute, since hooks run daruma in no particular folder. */
export function isSecretReference(written: string): boolean {
  return /^(?:env:\w+|file:(?:\/|~\/).+|credential:[^/]+|openclaw:[\w.-]+)$/.test(written);
}

const httpUrl = z.string(expected('http-url')).check(z.refine(isProbeUrl, expected('http-url')));

/** ntfy takes JSON at its root alone: below it, the JSON itself becomes the message of the topic that the path names. */
const serverUrl = z.string(expected('server-url')).check(z.refine(isServerUrl, expected('server-url')));

/** The key that distinguishes the kinds of channels. */
function kind<Type extends string>(type: Type) {
  return described(z.literal(type), { description: 'What kind of channel it is.' });
}

const token = described(secret, {
  description:
    'Where the token stands: `env:NAME`, `file:PATH`, `credential:NAME` (systemd), `openclaw:KEY`.',
});

const mailAddress = z
  .string(expected('mail-address'))
  .check(z.refine(value => /^[^@\r\n]*[^\s@]@[^\s@]+$/.test(value), expected('mail-address')));

function priority(most: 5 | 10) {
  const error = expected(`priority-to-${most}`);
  return optional(z.int(error).check(z.gte(1, error), z.lte(most, error)), {
    description: `How urgent its messages are, from 1 to ${most}.`,
  });
}

const channel = z.discriminatedUnion(
  'type',
  [
    mapping({
      type: kind('telegram'),
      name: nameSetting,
      token,
      chat: described(
        z
          .union([z.int(), z.string()], expected('chat'))
          .check(z.refine(value => /^(?:-?\d+|@\w+)$/.test(String(value)), expected('chat'))),
        { description: 'Number of the chat, or the @name of a channel.' },
      ),
      thread: optional(z.int(expected('count')).check(z.gte(1, expected('count'))), {
        description: 'Number of the topic to write in.',
      }),
      silent: optional(z.boolean(expected('boolean')), {
        description: 'Whether it arrives without a sound.',
        default: false,
      }),
      api: optional(httpUrl, {
        description: 'Where the Bot API is, for a server of your own.',
        default: channelDefaults.api,
      }),
    }),
    mapping({
      type: kind('ntfy'),
      name: nameSetting,
      topic: described(text('text'), { description: 'Topic to publish to. Whoever knows it can read it.' }),
      server: optional(serverUrl, {
        description: 'Address of the server, without the topic.',
        default: channelDefaults.ntfyServer,
      }),
      token: optional(secret, { description: 'Where the token stands, if the topic needs one.' }),
      priority: priority(5),
    }),
    mapping({ type: kind('slack'), name: nameSetting, url: addressOfWebhook() }),
    mapping({
      type: kind('discord'),
      name: nameSetting,
      url: addressOfWebhook(),
      thread: optional(text('text'), { description: 'Number of the topic or thread to write in.' }),
    }),
    mapping({
      type: kind('webhook'),
      name: nameSetting,
      url: described(httpUrl, { description: 'Where the messages are sent.' }),
      secret: optional(secret, {
        description: 'Where the key stands that messages are signed with (Standard Webhooks, HMAC-SHA256).',
      }),
    }),
    mapping({
      type: kind('email'),
      name: nameSetting,
      server: described(
        z
          .string(expected('mail-server'))
          .check(
            z.refine(
              value => /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+)(?::\d{1,5})?$/.test(value),
              expected('mail-server'),
            ),
          ),
        { description: 'HOST or HOST:PORT of the mail server.' },
      ),
      security: optional(z.enum(['tls', 'starttls', 'none']), {
        description:
          'tls: from the start (port 465); starttls: begun later (587, and then the default); none: only on the same machine (25).',
        default: channelDefaults.security,
      }),
      user: optional(text('text'), { description: 'Name to log in with.' }),
      password: optional(secret, { description: 'Where the password stands.' }),
      from: described(mailAddress, { description: 'Sender.' }),
      to: described(z.array(mailAddress, expected('list')).check(z.minLength(1, expected('list'))), {
        description: 'Receivers.',
      }),
    }),
    mapping({
      type: kind('gotify'),
      name: nameSetting,
      server: described(httpUrl, { description: 'Address of the server.' }),
      token,
      priority: priority(10),
    }),
    mapping({
      type: kind('apprise'),
      name: nameSetting,
      server: described(httpUrl, { description: 'Address of the server.' }),
      key: described(secret, { description: 'Where the key of the configuration on the server stands.' }),
      tag: optional(text('text'), { description: 'Which of its services are told.' }),
    }),
    mapping({
      type: kind('matrix'),
      name: nameSetting,
      server: described(httpUrl, { description: 'Address of the server.' }),
      room: described(text('text'), { description: 'Number of the room: `!...:example.org`.' }),
      token,
    }),
    mapping({ type: kind('desktop'), name: nameSetting }),
    mapping({
      type: kind('command'),
      name: nameSetting,
      command: described(
        z.array(text('command'), expected('command')).check(z.minLength(1, expected('command'))),
        { description: 'Program and arguments; it gets the message on its standard input.' },
      ),
    }),
  ],
  expected('mapping'),
);

function addressOfWebhook() {
  return described(secret, {
    description: 'Where the address of the webhook stands, which is a secret.',
  });
}

const clockTime = z
  .string(expected('clock-time'))
  .check(z.refine(value => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(value), expected('clock-time')));

const templateKinds = [
  'fell',
  'keeps-falling',
  'restarted',
  'started',
  'not-ready',
  'stays-down',
  'still-down',
  'failed',
  'recovered',
  'moved',
  'moved-back',
  'nobody-answers',
  'outage',
  'test',
  'text',
  'late',
] as const;

const notify = mapping({
  channels: optional(z.nullable(z.array(channel, expected('list'))), {
    description: 'Who is told, and how.',
  }),
  after: optional(timeSpanOrZero, {
    description: 'What was down for less is not told.',
    default: notifyDefaults.after,
  }),
  remind: optional(timeSpanOrZero, {
    description: 'Time from one reminder to the next while a service stays down; 0 for none.',
    default: notifyDefaults.remind,
  }),
  started: optional(z.boolean(expected('boolean')), {
    description: 'Whether each start of a service is told, also one that follows no fall.',
    default: notifyDefaults.started,
  }),
  language: optional(z.enum(['en', 'zh-CN']), {
    description:
      'The language of messages: hooks run without the locale of a login. Without it that of the environment.',
  }),
  quiet: optional(
    mapping({
      from: described(clockTime, { description: 'When they begin.' }),
      to: described(clockTime, { description: 'When they end; before `from` it is on the next day.' }),
    }),
    {
      description:
        'Hours of the day, in the time of the machine, in which nothing is told; it waits until they end.',
    },
  ),
  log: optional(
    z.int(expected('line-count')).check(z.gte(0, expected('line-count')), z.lte(100, expected('line-count'))),
    {
      description:
        'Lines of the log of the service in its messages, without secrets that are known or look like some.',
      default: notifyDefaults.log,
    },
  ),
  templates: optional(z.nullable(z.partialRecord(z.enum(templateKinds), text('text'), expected('mapping'))), {
    description:
      'Words of your own, by what is told. The first line is the title; {title}, {unit}, {host}, {time} and {details} are filled in.',
  }),
});

const node = mapping({
  name: described(text('text'), {
    description: 'Host name of the machine, or the first label of it.',
  }),
  url: described(httpUrl, {
    description:
      'Where the other machines reach its proxy, with or without /v1: `https://kuma.example.com/litellm`.',
  }),
  key: optional(secret, {
    description:
      'Where the key stands that its proxy asks for: `env:NAME`, `file:PATH`, `credential:NAME` (systemd), `openclaw:KEY`.',
  }),
});

const unitName = z.string().check(z.refine(isServiceName, expected('service-name')));

export const configurationSchema = mapping({
  rules: optional(z.nullable(z.partialRecord(ruleId, z.enum(['off', ...severities]), expected('mapping'))), {
    description: "Severities in place of the rules' own; off silences a rule.",
  }),
  units: optional(z.nullable(z.record(unitName, z.nullable(unit), expected('mapping'))), {
    description:
      'Services by name, with or without .service. Those named here count as your own, wherever their files are.',
  }),
  notify: optional(z.nullable(notify), {
    description: 'Messages about services that fall: who is told, when, and in which words.',
  }),
  nodes: optional(z.nullable(z.array(node, expected('list'))), {
    description:
      'Your machines that answer for each other, this one among them: each falls back to the proxies of the others.',
  }),
});

/** The content of a valid file, as written. */
export type WrittenConfiguration = z.output<typeof configurationSchema>;
export type WrittenProbe = z.output<typeof probe>;
export type WrittenChannel = z.output<typeof channel>;

function expected(expectation: Expectation): { readonly error: Expectation } {
  return { error: expectation };
}

interface Description {
  readonly description: string;
  readonly default?: string | number | boolean;
}

/** A copy of a schema with a description: a schema shared by several keys would only keep the last description. */
function described<S extends z.ZodMiniType>(schema: S, description: Description): S {
  const own = schema.clone();
  z.globalRegistry.add(own, { ...description });
  return own;
}

function optional<S extends z.ZodMiniType>(schema: S, description: Description): z.ZodMiniOptional<S> {
  return described(z.optional(schema), description);
}

function mapping<S extends z.core.$ZodShape>(shape: S): z.ZodMiniObject<S, z.core.$strict> {
  return z.strictObject(shape, expected('mapping'));
}

function text(expectation: Expectation): z.ZodMiniString {
  return z.string(expected(expectation)).check(z.minLength(1, expected(expectation)));
}

function httpStatus() {
  const { error } = expected('http-status');
  return z.int(error).check(z.gte(100, error), z.lte(599, error));
}

function isServiceName(name: string): boolean {
  const parsed = parseUnitName(serviceName(name));
  return parsed?.type === 'service' && parsed.kind !== 'template';
}

/** Seconds of a time span; a bare number means seconds, as in unit files. NaN for an invalid or infinite time span. */
function secondsOf(value: string | number): number {
  const usec = parseTimeSpan(String(value));
  return usec === undefined || usec === Number.POSITIVE_INFINITY ? Number.NaN : usec / usecPerSecond;
}

const usecPerSecond = 1_000_000;

/** Refuses a URL with a password, since `daruma config show` shows the file and servers log requests. */
function isProbeUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

function isServerUrl(value: string): boolean {
  return isProbeUrl(value) && new URL(value).pathname === '/';
}

function isHostAndPort(value: string): boolean {
  const [, port = ''] = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(value) ?? [];
  return port !== '' && Number(port) >= 1 && Number(port) <= 65_535;
}
