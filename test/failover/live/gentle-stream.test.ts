import { expect, it } from 'vitest';
import type { Completion } from '../../../src/failover/live/completion.ts';
import { startGentleStream } from '../../../src/failover/live/gentle-stream.ts';

const answer = (more: Partial<Completion>): Completion => ({
  link: {
    kind: 'provider',
    name: 'litellm',
    unit: null,
    source: null,
    baseUrl: 'http://127.0.0.1:4010/v1',
    api: 'openai-completions',
    key: { kind: 'known', value: 'sk-EXAMPLE', files: [] },
    models: ['claude'],
    leadsTo: 'loopback',
    behind: [],
    authorities: [],
    headers: {},
  },
  model: 'claude',
  latencySeconds: 0.1,
  firstSeconds: null,
  arrival: null,
  status: 200,
  answeredBy: 'claude',
  machine: 'neko',
  proxyFallbacks: null,
  fault: undefined,
  ...more,
});

it('counts who answered, what was lost and what broke off, until the machine itself answers again', async () => {
  const host = '127.0.0.1:4010';
  const answers = [
    answer({}),
    answer({ fault: { code: 'answer-cut', host, seconds: 1 } }),
    answer({ fault: { code: 'rate-limited', host } }),
    answer({ machine: 'kuma', latencySeconds: 0.5 }),
    answer({}),
  ];
  let asked = 0;
  const stream = startGentleStream(
    async () => answers[asked++] ?? answer({}),
    'neko',
    new AbortController().signal,
  );
  await new Promise(resolve => setTimeout(resolve, 2_500));
  expect(asked).toBe(3);
  const result = await stream.finish();
  expect(result).toMatchObject({
    asked: 5,
    cut: 1,
    slowestSeconds: 0.5,
    by: new Map([
      ['neko', 2],
      ['kuma', 1],
    ]),
  });
  expect(result.lost.map(({ fault }) => fault?.code)).toEqual(['rate-limited']);
  expect(result.againSeconds).toBeGreaterThan(1);
});
