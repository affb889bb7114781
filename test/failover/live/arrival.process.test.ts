/** How the answer of a model comes through real web servers: in pieces, in one, or not whole. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Completion,
  completionLimits,
  requestCompletion,
} from '../../../src/failover/live/completion.ts';
import type { Link } from '../../../src/failover/live/link.ts';
import { freePort } from '../../support/http-server.ts';
import { hasCaddy, hasNginx, startCaddy, startNginx } from '../../support/web-servers.ts';

interface Pace {
  /** Before the first word, and between the words. */
  readonly firstMs: number;
  readonly nextMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const usual: Pace = { firstMs: 100, nextMs: 140 };

describe.runIf(hasNginx)('through nginx', () => {
  it.each<readonly [string, string, Pace, Pick<Completion, 'arrival'>]>([
    ['that holds answers back, as by itself', '', usual, { arrival: 'in-one-piece' }],
    ['that is told not to', 'proxy_buffering off;', usual, { arrival: 'in-pieces' }],
    [
      'that is told by the service, as LiteLLM does',
      '',
      { ...usual, headers: { 'x-accel-buffering': 'no' } },
      { arrival: 'in-pieces' },
    ],
  ])('%s', async (_, setting, pace, expected) => {
    const completion = await throughNginx(setting, pace);
    expect(completion).toMatchObject({ fault: undefined, status: 200, answeredBy: 'claude', ...expected });
    const { firstSeconds, latencySeconds } = completion;
    const writtenSeconds = latencySeconds - (firstSeconds ?? 0);
    // The last word is written more than two seconds after the first one.
    expect(writtenSeconds > 0.5).toBe(expected.arrival === 'in-pieces');
  });

  it('that ends an answer which has begun', async () => {
    const pause = { firstMs: 100, nextMs: 2_500 };
    expect(await throughNginx('proxy_buffering off; proxy_read_timeout 1s;', pause)).toMatchObject({
      arrival: null,
      fault: { code: 'answer-cut', seconds: expect.any(Number) },
    });
  });

  it('that ends one which has not', async () => {
    const late = { firstMs: 2_500, nextMs: 1 };
    expect(await throughNginx('proxy_read_timeout 1s;', late)).toMatchObject({
      arrival: null,
      fault: { code: 'server-failed', status: 504 },
    });
  });
});

describe.runIf(hasCaddy)('through Caddy', () => {
  it.each<readonly [string, string, Pace, object]>([
    ['as it is', '', usual, { fault: undefined, arrival: 'in-pieces' }],
    [
      'that is told to hold answers back',
      'buffer_responses',
      usual,
      { fault: undefined, arrival: 'in-one-piece' },
    ],
    [
      'that ends an answer as if it were complete',
      'transport http {\n read_timeout 1s\n }',
      { firstMs: 100, nextMs: 2_500 },
      { fault: { code: 'answer-cut' }, arrival: null },
    ],
  ])('%s', async (_, setting, pace, expected) => {
    const port = await freePort();
    const text = `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  reverse_proxy 127.0.0.1:${await model(pace)} {
    ${setting}
  }
}
`;
    await startCaddy(text, port);
    expect(await ask(port)).toMatchObject(expected);
  });
});

async function throughNginx(setting: string, pace: Pace): Promise<Completion> {
  const port = await freePort();
  const text = `http {
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${await model(pace)}; ${setting} }
  }
}
`;
  await startNginx(text, port);
  return ask(port);
}

function ask(port: number): Promise<Completion> {
  const link: Link = {
    kind: 'provider',
    name: 'litellm',
    unit: null,
    source: null,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    api: 'openai-completions',
    key: { kind: 'none', place: 'apiKey' },
    models: ['claude'],
    leadsTo: 'loopback',
    behind: [],
    authorities: [],
    headers: {},
  };
  return requestCompletion(link, 'claude', completionLimits);
}

/** A model that writes sixteen words, each in an event, as the OpenAI API sends them. */
async function model({ firstMs, nextMs, headers }: Pace): Promise<number> {
  const write = async (response: http.ServerResponse) => {
    const event = (delta: object, reason: string | null) =>
      response.write(
        `data: ${JSON.stringify({ model: 'claude', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`,
      );
    await wait(firstMs);
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    for (let word = 1; word <= 16 && !response.destroyed; word += 1) {
      event({ content: `${word} ` }, null);
      await wait(nextMs);
    }
    event({}, 'length');
    response.end('data: [DONE]\n\n');
  };
  const server = http.createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') void write(response);
    else response.end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has one
  return (server.address() as AddressInfo).port;
}
