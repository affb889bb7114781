/** Rosters of agents, as `openclaw config validate` of 2026.9.6 judged each of them. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOpenclawConfig } from '../../src/services/openclaw-config.ts';
import { openclawRefusals } from '../../src/services/openclaw-schema.ts';
import { textFiles } from '../support/text-files.ts';

function refused(agents: object, version?: string): readonly string[] {
  const folder = '/home/neko/.openclaw';
  const text = JSON.stringify({ gateway: { mode: 'local' }, agents });
  const config = readOpenclawConfig(
    { file: `${folder}/openclaw.json`, stateFolder: folder },
    {
      files: textFiles(file => (path.posix.basename(file) === 'openclaw.json' ? text : undefined)),
      variable: () => undefined,
      isComplete: true,
    },
  );
  return openclawRefusals(config, version).map(refusal => ('key' in refusal ? refusal.key : refusal.code));
}

const two = { entries: { a: {}, b: {} } };

describe('a roster that OpenClaw', () => {
  it.each([
    [{ entries: { a: {} } }],
    [{ ...two, ownership: 'explicit' }],
    [{ entries: { a: { default: true }, b: {} } }],
    [{ list: [{ id: 'a', default: true }, { id: 'b' }] }],
    [{ list: [{ id: 'a' }] }],
  ])('takes: %j', agents => {
    expect(refused(agents)).toEqual([]);
  });

  it.each<readonly [object, readonly string[]]>([
    [two, ['agents.ownership']],
    [{ entries: { a: { default: false }, b: {} } }, ['agents.ownership']],
    [{ list: [{ id: 'a' }, { id: 'b' }] }, ['agents.ownership']],
    [{ ...two, defaults: { systemAgent: { agentId: 'a' } } }, ['agents.ownership']],
    [{ ...two, ownership: 'implicit' }, ['agents.ownership']],
    [{ entries: { a: { default: true }, b: { default: true } } }, ['agents.entries.b.default']],
    [{ entries: { a: { default: true }, b: {} }, ownership: 'explicit' }, ['agents.entries.a.default']],
    [{ entries: { a: {}, A: {} } }, ['agents.entries.A', 'agents.ownership']],
    [{ list: [{ id: 'a' }], entries: { b: {} } }, ['agents.list']],
  ])('refuses: %j', (agents, keys) => {
    expect(refused(agents)).toEqual(keys);
  });

  it('took before it asked whose the rest is', () => {
    expect(refused(two, '2026.7.35')).toEqual([]);
    expect(refused(two, '2026.8.1')).toEqual(['agents.ownership']);
  });
});
