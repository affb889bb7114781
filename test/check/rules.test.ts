/** Every rule against its fixtures: those that fire, held against what was said before, and those that must not. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules } from '../../src/check/rules/index.ts';
import { en } from '../../src/i18n/en/index.ts';
import { zhCN } from '../../src/i18n/zh-CN/index.ts';
import { fixturesOf, judge } from './fixture.ts';

describe.each(allRules.map(rule => [rule.id, rule] as const))('%s', (id, rule) => {
  const firing = fixturesOf(id, 'fires');
  const silent = fixturesOf(id, 'silent');

  it.each(firing.map(fixture => [fixture.name, fixture] as const))('fires on %s', async (_, fixture) => {
    const { count, texts } = await judge(id, fixture, [en, zhCN]);
    expect(count).toBeGreaterThan(0);
    await expect(texts[0]).toMatchFileSnapshot(`${fixture.folder}.en.txt`);
    await expect(texts[1]).toMatchFileSnapshot(`${fixture.folder}.zh-CN.txt`);
    expect(texts.filter(text => /undefined|(?<![=/])null|\[object|NaN|Infinity/.test(text))).toEqual([]);
    expect(typographyFaults(texts[1] ?? '')).toEqual([]);
  });

  it.each(silent.map(fixture => [fixture.name, fixture] as const))('is silent on %s', async (_, fixture) => {
    const { texts } = await judge(id, fixture, [en]);
    expect(texts.join('')).toBe('');
  });

  it('has its file and fixtures of both kinds', () => {
    const root = path.join(import.meta.dirname, '../..');
    expect(fs.existsSync(path.join(root, `src/check/rules/${id}.ts`))).toBe(true);
    // What only a running manager knows is tested on real hosts.
    const isLive = rule.needs === 'manager' || rule.needs === 'user-manager';
    const labTest = path.join(import.meta.dirname, 'rules', id, `${id}.lab.test.ts`);
    const isTried = isLive ? fs.existsSync(labTest) : firing.length > 0 && silent.length > 0;
    expect(isTried).toBe(true);
  });
});

/** Chinese next to Latin letters without a space, half-width punctuation next to Chinese, spaces around full-width. */
function typographyFaults(text: string): readonly string[] {
  const faults =
    /\p{Script=Han}[\w%[/=-]|[\w%\]/=-]\p{Script=Han}|\p{Script=Han} ?[,;:!?()]|[,;:!?()] ?\p{Script=Han}|[^ ] [，。：；？（）、“”]|[，。：；？（）、“”] [^ []/u;
  return text
    .split('\n')
    .filter(line => !/^\s+>?\s+\d+ \|/.test(line))
    .filter(line => faults.test(line));
}
