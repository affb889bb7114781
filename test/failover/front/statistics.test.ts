import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readStatistics } from '../../../src/failover/front/statistics.ts';

it('reads who answers, for how long, and how many requests went where', () => {
  // As HAProxy 2.6.12 prints it, after LiteLLM was down for 13 s.
  const text = fs.readFileSync(path.join(import.meta.dirname, 'show-stat.csv'), 'utf8');
  expect(readStatistics(text)).toEqual([
    { isUp: true, forSeconds: 607, requests: 20, failed: 0 },
    { isUp: true, forSeconds: 620, requests: 10, failed: 0 },
  ]);
});

it.each(['', 'Unknown command.\n', '# pxname,svname\n'])('finds nothing in %j', text => {
  expect(readStatistics(text)).toEqual([]);
});
