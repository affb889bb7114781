/**
 * What services answer to a message, as they document it, and what becomes of the message. docs/messengers.md shows the same table.
 *
 * Sources: core.telegram.org/bots/api#making-requests with the descriptions that its servers send;
 * discord.com/developers/docs/topics/opcodes-and-status-codes; docs.slack.dev/messaging/sending-messages-using-incoming-webhooks;
 * developers.mattermost.com/integrate/webhooks/incoming; docs.rocket.chat, "Integrations"; docs.ntfy.sh/publish;
 * open.dingtalk.com, developer.work.weixin.qq.com and open.feishu.cn on robots of groups; gotify.net/api-docs;
 * github.com/caronc/apprise-api; spec.matrix.org/v1.15/client-server-api; RFC 5321 and RFC 3463.
 */
import type { WrittenChannel } from '../../../src/config/schema.ts';
import type { ChannelFault, Receipt } from '../../../src/notify/channel.ts';

export interface DocumentedAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly becomes: Receipt['kind'];
  readonly code?: ChannelFault['code'];
}

export interface Service {
  readonly name: string;
  readonly channel: (url: string) => WrittenChannel;
  /** The path of a secret address. */
  readonly path?: string;
  readonly answers: readonly DocumentedAnswer[];
}

const telegram = (status: number, description: string, parameters?: object) => ({
  status,
  body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
});
const badRequest = (words: string) => telegram(400, `Bad Request: ${words}`);
const later = (code: ChannelFault['code']) => ({ becomes: 'later', code }) as const;
const refused = { becomes: 'refused', code: 'rejected' } as const;

export const services: readonly Service[] = [
  {
    name: 'Telegram',
    channel: api => ({ type: 'telegram', token: 'env:TOKEN', chat: 42, api }),
    answers: [
      { ...telegram(401, 'Unauthorized'), ...later('unauthorized') },
      { ...telegram(404, 'Not Found'), ...later('unauthorized') },
      { ...telegram(403, 'Forbidden: bot was blocked by the user'), ...later('forbidden') },
      { ...telegram(403, 'Forbidden: bot was kicked from the supergroup chat'), ...later('forbidden') },
      { ...badRequest('chat not found'), ...later('not-found') },
      { ...badRequest('message thread not found'), ...later('not-found') },
      { ...badRequest('TOPIC_DELETED'), ...later('not-found') },
      { ...badRequest('PEER_ID_INVALID'), ...later('not-found') },
      { ...badRequest('group is deactivated'), ...later('not-found') },
      { ...badRequest('TOPIC_CLOSED'), ...later('forbidden') },
      { ...badRequest('CHAT_RESTRICTED'), ...later('forbidden') },
      { ...badRequest('not enough rights to send text messages to the chat'), ...later('forbidden') },
      { ...badRequest('have no rights to send a message'), ...later('forbidden') },
      { ...badRequest('need administrator rights in the channel chat'), ...later('forbidden') },
      { ...badRequest('something that nobody has told of yet'), ...later('rejected') },
      { ...badRequest("can't parse entities: unclosed start tag at byte offset 7"), ...refused },
      { ...badRequest('message is too long'), ...refused },
      { ...badRequest('message text is empty'), ...refused },
      {
        ...telegram(429, 'Too Many Requests: retry after 17', { retry_after: 17 }),
        ...later('rate-limited'),
      },
      { ...telegram(502, 'Bad Gateway'), ...later('server-error') },
    ],
  },
  {
    name: 'Discord',
    channel: () => ({ type: 'discord', url: 'env:HOOK' }),
    path: '/api/webhooks/1/S3cretTokenOfMine',
    answers: [
      { status: 401, body: { message: 'Invalid Webhook Token', code: 50_027 }, ...later('unauthorized') },
      { status: 403, body: { message: 'Missing Permissions', code: 50_013 }, ...later('forbidden') },
      { status: 404, body: { message: 'Unknown Webhook', code: 10_015 }, ...later('not-found') },
      {
        status: 400,
        body: {
          message: 'Webhooks posted to forum channels must have a thread_name or thread_id',
          code: 220_001,
        },
        ...later('forbidden'),
      },
      { status: 400, body: { message: 'Thread is archived', code: 50_083 }, ...later('forbidden') },
      { status: 403, body: { message: 'Thread is locked', code: 160_005 }, ...later('forbidden') },
      {
        status: 400,
        body: { message: 'Invalid Form Body', code: 50_035, errors: { thread_id: { _errors: [] } } },
        ...later('rejected'),
      },
      {
        status: 400,
        body: { message: 'Invalid Form Body', code: 50_035, errors: { content: { _errors: [] } } },
        ...refused,
      },
      { status: 400, body: { message: 'Cannot send an empty message', code: 50_006 }, ...refused },
      {
        status: 429,
        body: { message: 'You are being rate limited.', retry_after: 0.65 },
        ...later('rate-limited'),
      },
    ],
  },
  {
    name: 'Slack',
    channel: () => ({ type: 'slack', url: 'env:HOOK' }),
    path: '/services/T000/S3cretTokenOfMine',
    answers: [
      { status: 403, body: 'invalid_token', ...later('unauthorized') },
      { status: 403, body: 'action_prohibited', ...later('forbidden') },
      { status: 403, body: 'posting_to_general_channel_denied', ...later('forbidden') },
      { status: 404, body: 'channel_not_found', ...later('not-found') },
      { status: 404, body: 'no_service', ...later('not-found') },
      { status: 410, body: 'channel_is_archived', ...later('not-found') },
      { status: 400, body: 'user_not_found', ...later('rejected') },
      { status: 400, body: 'invalid_payload', ...refused },
      { status: 400, body: 'no_text', ...refused },
      { status: 400, body: 'too_many_attachments', ...refused },
      { status: 429, body: 'rate_limited', headers: { 'retry-after': '30' }, ...later('rate-limited') },
      { status: 500, body: 'rollup_error', ...later('server-error') },
    ],
  },
  {
    name: 'Mattermost',
    channel: () => ({ type: 'slack', url: 'env:HOOK' }),
    path: '/hooks/S3cretTokenOfMine',
    answers: [
      { status: 200, body: 'ok', becomes: 'delivered' },
      {
        status: 400,
        body: {
          id: 'web.incoming_webhook.channel_locked.app_error',
          message: 'not permitted',
          status_code: 400,
        },
        ...later('rejected'),
      },
    ],
  },
  {
    name: 'Rocket.Chat',
    channel: () => ({ type: 'slack', url: 'env:HOOK' }),
    path: '/hooks/1/S3cretTokenOfMine',
    answers: [
      { status: 200, body: { success: true }, becomes: 'delivered' },
      { status: 200, body: { success: false }, ...later('rejected') },
      { status: 400, body: { success: false, error: 'invalid-channel' }, ...later('rejected') },
      {
        status: 404,
        body: { success: false, error: 'Invalid integration id or token' },
        ...later('not-found'),
      },
    ],
  },
  {
    name: 'Zulip',
    channel: () => ({ type: 'slack', url: 'env:HOOK' }),
    path: '/api/v1/external/slack_incoming/S3cretTokenOfMine',
    answers: [
      { status: 200, body: { result: 'success', msg: '' }, becomes: 'delivered' },
      { status: 401, body: { result: 'error', msg: 'Invalid API key' }, ...later('unauthorized') },
    ],
  },
  {
    name: 'ntfy',
    channel: server => ({ type: 'ntfy', topic: 'own-topic', server, token: 'env:TOKEN' }),
    answers: [
      {
        status: 400,
        body: { code: 40_009, http: 400, error: 'invalid request: topic invalid' },
        ...later('rejected'),
      },
      { status: 401, body: { code: 40_101, http: 401, error: 'unauthorized' }, ...later('unauthorized') },
      { status: 403, body: { code: 40_301, http: 403, error: 'forbidden' }, ...later('forbidden') },
      { status: 413, body: { http: 413, error: 'request entity too large' }, ...refused },
      {
        status: 429,
        body: { http: 429, error: 'limit reached: daily message quota reached' },
        ...later('rate-limited'),
      },
    ],
  },
  {
    name: 'Gotify',
    channel: server => ({ type: 'gotify', server, token: 'env:TOKEN' }),
    answers: [
      {
        status: 400,
        body: { error: 'Bad Request', errorCode: 400, errorDescription: 'a field is missing' },
        ...later('rejected'),
      },
      {
        status: 401,
        body: {
          error: 'Unauthorized',
          errorCode: 401,
          errorDescription: 'you need to provide a valid access token',
        },
        ...later('unauthorized'),
      },
    ],
  },
  {
    name: 'Apprise',
    channel: server => ({ type: 'apprise', server, key: 'env:TOKEN' }),
    answers: [
      { status: 204, ...later('wrong-service') },
      { status: 400, body: { error: 'Bad FORM Payload provided.' }, ...later('rejected') },
      {
        status: 424,
        body: { error: 'One or more notification could not be sent.' },
        ...later('server-error'),
      },
    ],
  },
  {
    name: 'Matrix',
    channel: server => ({ type: 'matrix', server, room: '!own:example.org', token: 'env:TOKEN' }),
    answers: [
      {
        status: 401,
        body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Unrecognised access token' },
        ...later('unauthorized'),
      },
      { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'User not in room' }, ...later('forbidden') },
      { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Unknown room' }, ...later('not-found') },
      { status: 400, body: { errcode: 'M_INVALID_PARAM', error: 'Invalid room ID' }, ...later('rejected') },
      { status: 400, body: { errcode: 'M_BAD_JSON', error: 'Body too large' }, ...refused },
      { status: 413, body: { errcode: 'M_TOO_LARGE', error: 'event too large' }, ...refused },
      {
        status: 429,
        body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: 2_500 },
        ...later('rate-limited'),
      },
    ],
  },
  {
    name: 'webhook',
    channel: url => ({ type: 'webhook', url: `${url}/send?access_token=S3cretTokenOfMine` }),
    answers: [
      ...[
        '',
        'thanks',
        [],
        { ok: true, error: 'of another time' },
        { status: 'ok', errors: ['one'] },
        { error: null, errors: [] },
        { errcode: 0, errmsg: 'ok' },
        { code: 0, msg: 'success' },
        { code: 200, msg: 'done' },
        { code: 1, msg: 'success' },
        { code: 1, msg: '发送成功' },
        { code: 'queued', msg: 'later' },
      ].map(body => ({ status: 200, body, becomes: 'delivered' as const })),
      ...[
        { ok: false, error: 'nope' },
        { success: false },
        { status: 'error', message: 'invalid token S3cretTokenOfMine' },
        { status: 'FAILED' },
        { status: 'failure' },
        { result: 'fail' },
        { error: { message: 'nope' } },
        { errors: [{ message: 'nope' }] },
        { errcode: 310_000, errmsg: 'keywords not in content' },
        { code: 19_001, msg: 'param invalid: incoming webhook access token invalid' },
        { code: -1, errmsg: '失败' },
      ].map(body => ({ status: 200, body, ...later('rejected') })),
      { status: 200, body: '<!doctype html><title>Log in</title>', ...later('wrong-service') },
      { status: 400, ...later('rejected') },
      { status: 410, ...later('not-found') },
      { status: 413, ...refused },
      { status: 422, ...later('rejected') },
      { status: 503, ...later('server-error') },
    ],
  },
];

export interface MailAnswer {
  readonly at: 'AUTH' | 'RCPT' | 'DATA';
  readonly status: number;
  readonly said: string;
  readonly becomes: Receipt['kind'];
  readonly code: ChannelFault['code'];
}

export const mailAnswers: readonly MailAnswer[] = [
  { at: 'AUTH', status: 535, said: '5.7.8 Invalid login', ...later('unauthorized') },
  { at: 'RCPT', status: 450, said: '4.2.1 greylisted', ...later('server-error') },
  { at: 'RCPT', status: 550, said: '5.1.1 no such mailbox', ...later('not-found') },
  { at: 'RCPT', status: 554, said: '5.7.1 relay access denied', ...later('rejected') },
  { at: 'DATA', status: 452, said: '4.3.1 insufficient storage', ...later('server-error') },
  { at: 'DATA', status: 552, said: '5.2.2 mailbox full', ...later('rejected') },
  { at: 'DATA', status: 554, said: '5.7.1 looks like spam', ...later('rejected') },
  { at: 'DATA', status: 552, said: '5.3.4 message too big', ...refused },
  { at: 'DATA', status: 554, said: '5.6.0 content is not valid', ...refused },
];
