/** What daruma writes for HAProxy, judged by HAProxy. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHaproxy, objectionTo } from '../../../src/failover/front/haproxy.ts';
import { type Front, haproxyConfig } from '../../../src/failover/front/haproxy-config.ts';
import { keysConfig } from '../../../src/failover/front/keys-config.ts';
import { isRequired } from '../../support/required.ts';

const own = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const isThere = spawnSync('haproxy', ['-v'], { env: own }).status === 0;

/** A key as somebody may have made it: no line ends, and everything else. */
const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter(text => !/[\r\n\0]/.test(text));
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}[a-z0-9]$/);
const path = fc.constantFrom('', '/litellm', '/a/b', "/it's", '/100%25', '/a%20b', '/x$y', '/"q"');

/** Names that nobody has: HAProxy looks them up, and goes on without an address. */
const other = fc
  .record({
    name: fc.oneof(label, fc.string({ minLength: 1, maxLength: 60 })),
    host: label,
    path,
    isInDns: fc.boolean(),
    port: fc.constantFrom('', ':8443'),
  })
  .map(({ name, host, path: prefix, port, isInDns }) => ({
    name,
    url: new URL(`https://${host}.invalid${port}${prefix}`).href.replace(/\/$/, ''),
    isInDns,
  }));

const front: fc.Arbitrary<{ readonly front: Front; readonly keys: ReadonlyMap<string, string> }> = fc
  .record({
    machine: fc.oneof(
      label,
      fc.string({ minLength: 1, maxLength: 60 }).filter(text => !/[\r\n\0]/.test(text)),
    ),
    others: fc.uniqueArray(fc.record({ other, key: fc.option(key, { nil: undefined }) }), {
      minLength: 1,
      maxLength: 3,
      selector: each => each.other.name,
    }),
    ownKeys: fc.array(key, { maxLength: 2 }),
    address: fc.constantFrom('127.0.0.1', '::1'),
    hasUpstream: fc.boolean(),
    tellsMoves: fc.boolean(),
    hasFurtherAuthorities: fc.boolean(),
  })
  .map(({ machine, others, ownKeys, address, hasUpstream, tellsMoves, hasFurtherAuthorities }) => {
    const keys = new Map<string, string>();
    const variable = (name: string, value: string) => {
      keys.set(name, value);
      return name;
    };
    return {
      front: {
        machine,
        local: {
          address,
          port: 4000,
          upstream: hasUpstream
            ? {
                address: '127.0.0.1',
                port: 4141,
                probe: { path: '/', statuses: [200], bodyIncludes: 'Server running' },
              }
            : undefined,
        },
        others: others.map((each, index) => ({
          ...each.other,
          keyVariable:
            each.key === undefined ? undefined : variable(`DARUMA_FRONT_${index + 1}_API_KEY`, each.key),
        })),
        ownKeys: ownKeys.map((each, index) => variable(`DARUMA_FRONT_OWN_${index + 1}_API_KEY`, each)),
        authorities: hasFurtherAuthorities ? undefined : '/etc/ssl/certs/ca-certificates.crt',
        tellsMoves,
      },
      keys,
    };
  });

describe.runIf(isRequired || isThere)('HAProxy', { timeout: 120_000 }, () => {
  it('is found, also where the search path lacks the folders for administrators', async () => {
    const found = await findHaproxy({ PATH: '/nowhere' });
    expect(found).toMatchObject({ isNewEnough: true, version: expect.stringMatching(/^\d+\.\d+/) });
  });

  it('takes every front', async () => {
    const haproxy = await findHaproxy(own);
    if (haproxy === undefined) throw new Error('there is none');
    await fc.assert(
      fc.asyncProperty(front, async ({ front: each, keys }) => {
        const files = [
          { file: '/own/front/keys.cfg', text: keysConfig(keys) },
          { file: '/own/front/front.cfg', text: haproxyConfig(each) },
        ];
        const said = await objectionTo(
          { folder: '/own/front', keys: '/own/front/keys.cfg', files },
          haproxy,
          own,
        );
        expect(said).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it('says in one line what it does not take', async () => {
    const haproxy = await findHaproxy(own);
    if (haproxy === undefined) throw new Error('there is none');
    const files = [{ file: '/own/front/front.cfg', text: 'frontend front\n  bind nowhere at all\n' }];
    const said = await objectionTo({ folder: '/own/front', keys: '', files }, haproxy, own);
    expect(said).toMatch(/^parsing \[\/own\/front\/front\.cfg:2\] *: .*'nowhere'/);
  });
});
