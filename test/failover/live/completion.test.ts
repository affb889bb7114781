/** One-token answers through links, from servers that answer as OpenAI, Anthropic and LiteLLM do. */
import { describe, expect, it } from 'vitest';
import { requestCompletion, completionLimits } from '../../../src/failover/live/completion.ts';
import type { ApiName, Link } from '../../../src/failover/live/link.ts';
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

const chat = { id: 'x', object: 'chat.completion', model: 'claude-opus-4.6', choices: [{ index: 0 }] };

describe('each API is spoken as its servers want it', () => {
  it.each([
    {
      api: 'openai-completions',
      path: '/v1/chat/completions',
      body: { model: 'claude', max_tokens: 1, messages: [{ role: 'user', content: 'ping' }] },
      headers: { authorization: `Bearer ${key}` },
      answer: chat,
    },
    {
      api: 'openai-responses',
      path: '/v1/responses',
      body: { model: 'claude', max_output_tokens: 16, input: 'ping' },
      headers: { authorization: `Bearer ${key}` },
      answer: { object: 'response', model: 'claude-opus-4.6', output: [] },
    },
    {
      api: 'anthropic-messages',
      path: '/v1/messages',
      body: { model: 'claude', max_tokens: 1, messages: [{ role: 'user', content: 'ping' }] },
      headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
      answer: { type: 'message', role: 'assistant', model: 'claude-opus-4.6', content: [] },
    },
  ] as const)('$api', async ({ api, path, body, headers, answer }) => {
    const { url, arrived } = await receiver(() => ({ status: 200, body: answer }));
    expect(await requestCompletion(linkTo(`${url}/v1`, api), 'claude', limits)).toMatchObject({
      status: 200,
      answeredBy: 'claude-opus-4.6',
      fault: undefined,
    });
    expect(arrived).toMatchObject([{ method: 'POST', path, headers }]);
    expect(JSON.parse(arrived[0]?.body ?? '')).toEqual(body);
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
    { max_tokens: 1 },
    { max_completion_tokens: 16 },
  ]);
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
      place: '${KEY}',
    });
  });
});
