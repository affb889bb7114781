/** One request against servers that do as servers do when something is wrong with them. */
import { expect, it } from 'vitest';
import { sendRequest, type HttpRequest } from '../../src/http/request.ts';
import { connectionFault } from '../../src/http/connection-fault.ts';
import { freePort, serve, soon } from '../support/http-server.ts';

const secret = 'sk-daruma-0123456789';
const patience = { connectMs: 2_000, headersMs: 1_000, bodyMs: 1_000 };

function get(url: string): HttpRequest {
  return { method: 'GET', url, json: undefined, secrets: [secret], patience };
}

it('takes a secret out of an answer, however it is written there', async () => {
  const escaped = secret.replace('sk', String.raw`\u0073k`);
  const url = await serve(() => ({ status: 400, body: `{"error":"no ${escaped}","again":["${secret}"]}` }));
  const { json, text } = await sendRequest(get(url), soon());
  expect(json).toEqual({ error: 'no ***', again: ['***'] });
  expect(text).not.toContain(secret);
});

it('asks without a body, and does not follow a redirect', async () => {
  const seen: string[] = [];
  const url = await serve(({ method, path, headers }) => {
    seen.push(`${method} ${path} ${headers['content-type'] ?? 'no body'}`);
    return { status: 302, headers: { location: '/elsewhere' } };
  });
  const answer = await sendRequest(get(`${url}/v1/models`), soon());
  expect([answer.status, answer.header('location')]).toEqual([302, '/elsewhere']);
  expect(seen).toEqual(['GET /v1/models no body']);
});

it.each<readonly [string, () => string | Promise<string>, string, string]>([
  [
    'nobody listens',
    async () => `http://127.0.0.1:${await freePort()}`,
    'refused-connection',
    'ECONNREFUSED',
  ],
  ['a name that there is not', () => 'http://daruma.invalid', 'name-not-found', ''],
  ['no answer', () => serve(() => 'hang'), 'timeout', 'ERR_HTTP_HEADERS_TIMEOUT'],
  ['half an answer, then silence', () => serve(() => 'hang-mid-body'), 'timeout', 'ERR_HTTP_BODY_TIMEOUT'],
  ['half an answer, then a reset', () => serve(() => 'reset-mid-body'), 'connection-lost', ''],
  ['an answer without an end', () => serve(() => 'endless'), 'too-long', ''],
])('%s', async (_, server, code, detail) => {
  const fault = await sendRequest(get(await server()), soon()).then(() => undefined, connectionFault);
  expect(fault).toMatchObject({ code, detail: expect.stringContaining(detail) });
});
