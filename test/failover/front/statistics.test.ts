import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readStatistics } from '../../../src/failover/front/statistics.ts';

it('reads who answers, for how long, and how many requests went where', () => {
  // As HAProxy 2.6.12 prints it, three requests after LiteLLM was killed.
  const text = fs.readFileSync(path.join(import.meta.dirname, 'show-stat.txt'), 'utf8');
  expect(readStatistics(text)).toEqual({
    forSeconds: 4,
    servers: [
      { isUp: false, forSeconds: undefined, requests: 4, failed: 3, answered: 1 },
      { isUp: true, forSeconds: undefined, requests: 4, failed: 0, answered: 3 },
    ],
  });
});

it.each(['', 'Unknown command.\n', '# pxname,svname\n'])('finds nothing in %j', text => {
  expect(readStatistics(text)).toBeUndefined();
});
