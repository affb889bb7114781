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
      {
        isUp: false,
        said: 'Layer4 connection problem: Connection refused',
        forSeconds: undefined,
        requests: 4,
        failed: 3,
        answered: 1,
      },
      { isUp: true, said: undefined, forSeconds: undefined, requests: 4, failed: 0, answered: 3 },
    ],
  });
});

it('reads what HAProxy has against another machine, whatever that answers its checks with', () => {
  const rows = [
    '# pxname,svname,status,bck,stot,lastchg,check_code,last_chk,check_desc',
    'answer,local,UP,0,4,4,200,,Layer7 check passed',
    'answer,node-kuma,DOWN (via watch-node-kuma/node-kuma),0,0,0,,,',
    'watch-node-kuma,node-kuma,DOWN,0,0,0,503,"busy, ""sorry"", later",Layer7 wrong status',
    '',
    'Uptime_sec: 83',
  ];
  expect(readStatistics(rows.join('\n'))?.servers).toMatchObject([
    { isUp: true, said: undefined },
    { isUp: false, forSeconds: 0, said: 'Layer7 wrong status: 503: busy, "sorry", later' },
  ]);
});

it.each(['', 'Unknown command.\n', '# pxname,svname\n'])('finds nothing in %j', text => {
  expect(readStatistics(text)).toBeUndefined();
});
