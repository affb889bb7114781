/** One-token answers through links, from servers that answer as OpenAI, Anthropic and LiteLLM do. */
import { describe, expect, it } from 'vitest';
import { requestCompletion, completionLimits } from '../../../src/failover/live/completion.ts';
import type { ApiName, Link } from '../../../src/failover/live/link.ts';
import { isList } from '../../../src/json/value.ts';
import { freePort, receiver, type WireFault } from '../../support/http-server.ts';

const key = 'sk-daruma-0123456789';
const limits = { ...completionLimits, headersMs: 1_000, bodyMs: 1_000, answerMs: 3_000 };

function linkTo(baseUrl: string, api: ApiName = 'openai-completions'): Link {
  return {
    kind: 'provider',
    name: 'litellm',
    unit: null,
    source: null,
    baseUrl,
    api,
    key: { kind: 'known', value: key, files: [] },
    models: ['claude'],
    leadsTo: 'loopback',
    behind: [],
    authorities: [],
    headers: {},
  };
}

/** What an answer looks like as a stream of events. */
function stream(...events: readonly unknown[]): string {
  return events.map(each => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`).join('');
}

const piece = (delta: object, reason: string | null = null) => ({
  object: 'chat.completion.chunk',
  model: 'claude-opus-4.6',
  choices: [{ index: 0, delta, finish_reason: reason }],
});

const chat = {
  id: 'x',
  object: 'chat.completion',
  model: 'claude-opus-4.6',
  choices: [{ index: 0, message: { content: '1' }, finish_reason: 'length' }],
};

const question = 'Count from 1 to 20.';
const messages = [{ role: 'user', content: question }];

describe('each API is spoken as its servers want it', () => {
  it.each([
    {
      api: 'openai-completions',
      path: '/v1/chat/completions',
      body: { model: 'claude', max_tokens: 16, messages, stream: true },
      headers: { authorization: `Bearer ${key}` },
      whole: chat,
      events: [piece({ content: '1' }), piece({}, 'length'), { ...piece({}), choices: [] }, '[DONE]'],
    },
    {
      api: 'openai-responses',
      path: '/v1/responses',
      body: { model: 'claude', max_output_tokens: 16, input: question, stream: true },
      headers: { authorization: `Bearer ${key}` },
      whole: {
        object: 'response',
        model: 'claude-opus-4.6',
        output: [{ type: 'message', content: [{ type: 'output_text', text: '1' }] }],
      },
      events: [
        { type: 'response.created', response: { model: 'claude-opus-4.6' } },
        { type: 'response.output_text.delta', delta: '1' },
        { type: 'response.incomplete', response: { model: 'claude-opus-4.6' } },
      ],
    },
    {
      api: 'anthropic-messages',
      path: '/v1/messages',
      body: { model: 'claude', max_tokens: 16, messages, stream: true },
      headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
      whole: {
        type: 'message',
        role: 'assistant',
        model: 'claude-opus-4.6',
        content: [{ type: 'text', text: '1' }],
      },
      events: [
        { type: 'message_start', message: { model: 'claude-opus-4.6' } },
        { type: 'content_block_delta', delta: { type: 'text_delta', text: '1' } },
        { type: 'message_delta', delta: { stop_reason: 'max_tokens' } },
        { type: 'message_stop' },
      ],
    },
  ] as const)('$api', async ({ api, path, body, headers, whole, events }) => {
    // OpenClaw takes a document in place of the events, and events of any type.
    for (const answer of [whole, stream(...events), `: awake\r\n\r\n${stream(...events)}`]) {
      const { url, arrived } = await receiver(() => ({ status: 200, body: answer }));
      expect(await requestCompletion(linkTo(`${url}/v1`, api), 'claude', limits)).toMatchObject({
        status: 200,
        answeredBy: 'claude-opus-4.6',
        firstSeconds: expect.any(Number),
        fault: undefined,
      });
      expect(arrived).toMatchObject([{ method: 'POST', path, headers }]);
      expect(JSON.parse(arrived[0]?.body ?? '')).toEqual(body);
    }
    const { url } = await receiver(() => ({
      status: 200,
      body: stream(events[0], events[1]).replace(/"finish_reason":"length"/, '"finish_reason":null'),
    }));
    expect(await requestCompletion(linkTo(`${url}/v1`, api), 'claude', limits)).toMatchObject({
      arrival: null,
      fault: { code: 'answer-cut', seconds: expect.any(Number) },
    });
  });
});

describe('what OpenClaw has for failed though it is complete', () => {
  const responses = (...deltas: readonly object[]) => ({
    of: (type: string, response: object = {}) => [...deltas, { type: `response.${type}`, response }],
  });
  const claude = (reason: string, ...blocks: readonly object[]) => [
    { type: 'message_start', message: {} },
    ...blocks,
    { type: 'message_delta', delta: { stop_reason: reason } },
    { type: 'message_stop' },
  ];
  const incomplete = (reason: string) => ({ status: 'incomplete', incomplete_details: { reason } });
  const choice = (message: object, finish_reason: string) => ({ choices: [{ message, finish_reason }] });
  const thought = { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hm' } };
  const empty = { code: 'answer-empty' };
  const filtered = (reason: string) => ({ code: 'answer-stopped', reason, isOfFilter: true });
  const chats = 'openai-completions';

  it.each<readonly [string, ApiName, object | readonly unknown[], object | undefined]>([
    ['no words', chats, [piece({ content: '' }), piece({}, 'stop'), '[DONE]'], empty],
    ['an empty delta', chats, [piece({}), piece({}, 'stop'), '[DONE]'], empty],
    ['no event but the last', chats, [piece({}, 'stop')], empty],
    ['no reason at all', chats, [piece({ content: '' }), '[DONE]'], empty],
    ['spaces', chats, [piece({ content: ' \n' }), piece({}, 'stop')], empty],
    ['thoughts alone', chats, [piece({ reasoning_content: 'hm' }), piece({}, 'stop')], empty],
    ['thoughts, and the limit', chats, [piece({ reasoning_content: 'hm' }), piece({}, 'length')], undefined],
    ['the limit', chats, [piece({}, 'length')], undefined],
    ['parts', chats, [piece({ content: [{ type: 'text', text: '1' }] }), piece({}, 'stop')], undefined],
    ['a call', chats, [piece({ tool_calls: [{ index: 0 }] }), piece({}, 'tool_calls')], undefined],
    ['a filter', chats, [piece({}), piece({}, 'content_filter')], filtered('content_filter')],
    [
      'a filter, late',
      chats,
      [piece({ content: '1' }), piece({}, 'content_filter')],
      filtered('content_filter'),
    ],
    [
      'a broken network',
      chats,
      [piece({ content: '1' }), piece({}, 'network_error')],
      { code: 'answer-stopped', reason: 'network_error', isOfFilter: false },
    ],
    [
      'a reason of any length, with the key',
      chats,
      [piece({ content: '1' }), piece({}, `constructor ${key}${'x'.repeat(99)}`)],
      {
        code: 'answer-stopped',
        reason: expect.stringMatching(/^constructor \*{3}.{10,30}$/),
        isOfFilter: false,
      },
    ],
    ['a name of all objects', chats, [piece({}, 'toString')], { code: 'answer-stopped', reason: 'toString' }],
    ['a document', chats, choice({ content: '' }, 'stop'), empty],
    ['a document, filtered', chats, choice({ content: '1' }, 'content_filter'), filtered('content_filter')],
    ['a document at its limit', chats, choice({ content: '' }, 'length'), undefined],
    ['no words', 'openai-responses', responses().of('completed', { status: 'completed', output: [] }), empty],
    [
      'words at the end alone',
      'openai-responses',
      responses().of('completed', {
        output: [{ type: 'message', content: [{ type: 'output_text', text: '1' }] }],
      }),
      undefined,
    ],
    [
      'thoughts alone',
      'openai-responses',
      responses({ type: 'response.reasoning_text.delta', delta: 'hm' }).of('completed', {
        output: [{ type: 'reasoning', content: [{ type: 'reasoning_text', text: 'hm' }] }],
      }),
      empty,
    ],
    [
      'a call',
      'openai-responses',
      responses().of('completed', { output: [{ type: 'function_call' }] }),
      undefined,
    ],
    [
      'the limit',
      'openai-responses',
      responses().of('incomplete', incomplete('max_output_tokens')),
      undefined,
    ],
    [
      'a filter',
      'openai-responses',
      responses({ type: 'response.output_text.delta', delta: '1' }).of(
        'incomplete',
        incomplete('content_filter'),
      ),
      filtered('content_filter'),
    ],
    ['a document', 'openai-responses', { object: 'response', output: [] }, empty],
    [
      'a document, filtered',
      'openai-responses',
      { object: 'response', output: [], ...incomplete('content_filter') },
      filtered('content_filter'),
    ],
    ['no words', 'anthropic-messages', claude('end_turn'), empty],
    ['thoughts alone', 'anthropic-messages', claude('end_turn', thought), empty],
    ['thoughts, and the limit', 'anthropic-messages', claude('max_tokens', thought), undefined],
    [
      'a call',
      'anthropic-messages',
      claude('tool_use', { type: 'content_block_start', content_block: { type: 'tool_use' } }),
      undefined,
    ],
    ['a refusal', 'anthropic-messages', claude('refusal'), filtered('refusal')],
    ['a document', 'anthropic-messages', { type: 'message', content: [], stop_reason: 'end_turn' }, empty],
    [
      'a document of thoughts',
      'anthropic-messages',
      {
        type: 'message',
        content: [{ type: 'thinking', thinking: 'hm', text: 'hm' }],
        stop_reason: 'end_turn',
      },
      empty,
    ],
  ])('%s, of %s', async (_, api, answer, expected) => {
    const body = isList(answer) ? stream(...answer) : answer;
    const { url } = await receiver(() => ({ status: 200, body }));
    const { fault } = await requestCompletion(linkTo(`${url}/v1`, api), 'claude', limits);
    expect({ fault }).toMatchObject({ fault: expected });
  });
});

it('asks a model that thinks once more, with as much as it needs', async () => {
  const { url, arrived } = await receiver(({ body }) =>
    body.includes('"max_tokens"')
      ? { status: 400, body: { error: { message: "Unsupported parameter: 'max_tokens'" } } }
      : { status: 200, body: chat },
  );
  expect(await requestCompletion(linkTo(url), 'claude', limits)).toMatchObject({ fault: undefined });
  expect(arrived.map(({ body }) => JSON.parse(body))).toMatchObject([
    { max_tokens: 16, stream: true },
    { max_completion_tokens: 16, stream: true },
  ]);
  expect(arrived[1]?.body).not.toContain('max_tokens');
});

it('tells of fallbacks that LiteLLM took', async () => {
  const headers = { 'x-litellm-attempted-fallbacks': '2' };
  const { url } = await receiver(() => ({ status: 200, headers, body: chat }));
  expect(await requestCompletion(linkTo(url), 'claude', limits)).toMatchObject({ proxyFallbacks: 2 });
});

describe('no answer', () => {
  it.each<readonly [string, WireFault, object]>([
    ['401', { status: 401 }, { code: 'key-refused', status: 401 }],
    [
      '400 that repeats the key',
      { status: 400, body: { error: { message: `there is no model claude for ${key}` } } },
      { code: 'request-refused', status: 400, said: 'there is no model claude for ***' },
    ],
    ['429', { status: 429 }, { code: 'rate-limited' }],
    [
      'a page',
      { status: 200, body: '<!doctype html><title>Log in</title>' },
      { code: 'wrong-service', expected: 'completion', came: { kind: 'page', said: 'Log in' } },
    ],
    [
      'what repeats the key',
      { status: 200, body: { ok: key } },
      { code: 'wrong-service', came: { kind: 'json', said: '{"ok":"***"}' } },
    ],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://kuma.example.com/' } },
      { code: 'redirected' },
    ],
    ['silence', 'hang', { code: 'hangs', phase: 'headers', afterSeconds: 1 }],
    ['half of it', 'hang-mid-body', { code: 'hangs', phase: 'body' }],
    ['half of it, and a reset', 'reset-mid-body', { code: 'answer-cut' }],
    [
      'an error among the events, of LiteLLM',
      {
        status: 200,
        body: stream(piece({ content: '1' }), { error: { message: `no ${key}`, code: '500' } }),
      },
      { code: 'server-failed', status: 200, said: 'no ***' },
    ],
    [
      'an error among the events, of Anthropic',
      {
        status: 200,
        body: stream({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
      },
      { code: 'server-failed', status: 200, said: 'Overloaded' },
    ],
    ['events of something else', { status: 200, body: stream({ tick: 1 }) }, { code: 'wrong-service' }],
    ['a reset', 'reset', { code: 'unreachable', how: 'cut-off' }],
  ])('%s', async (_, answer, expected) => {
    const { url } = await receiver(() => answer);
    const completion = await requestCompletion(linkTo(`${url}/v1`), 'claude', limits);
    expect(completion.fault).toMatchObject(expected);
    expect(JSON.stringify({ ...completion, link: null })).not.toContain(key);
  });

  it('nobody, and no key to ask with', async () => {
    const link = linkTo(`http://127.0.0.1:${await freePort()}`);
    expect((await requestCompletion(link, 'claude', limits)).fault).toMatchObject({ how: 'refused' });
    const keyless: Link = { ...link, key: { kind: 'missing', place: '${KEY}' } };
    expect((await requestCompletion(keyless, 'claude', limits)).fault).toEqual({
      code: 'key-missing',
      whose: 'own-proxy',
      place: '${KEY}',
    });
  });

  it.each<readonly [string, Record<string, number>, string]>([
    // Run: litellm 1.108.7 without a database.
    ['all but its liveliness fails', { '/health/liveliness': 200, '/v1/models': 500 }, 'key-missing'],
    ['it refuses its models', { '/health/liveliness': 200, '/v1/models': 401 }, 'key-missing'],
    ['it lists its models', { '/health/liveliness': 200, '/v1/models': 200 }, 'server-failed'],
    ['it is dead', { '/health/liveliness': 500, '/v1/models': 500 }, 'server-failed'],
  ])('of a server that was sent no key, by a 500: %s', async (_, statuses, code) => {
    const { url } = await receiver(({ path }) => ({
      status: statuses[path] ?? 500,
      body:
        path === '/health/liveliness'
          ? "I'm alive!"
          : path === '/v1/models'
            ? { data: [] }
            : { error: { message: "No module named 'prisma'" } },
    }));
    const keyless: Link = { ...linkTo(`${url}/v1`), key: { kind: 'none', place: 'apiKey' } };
    expect((await requestCompletion(keyless, 'claude', limits)).fault).toMatchObject({ code });
  });
});
