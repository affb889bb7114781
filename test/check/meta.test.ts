/** Every rule has all that belongs to it, and nothing lies about that belongs to none. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ruleReference } from '../../scripts/rule-reference.ts';
import { type Severity, severities } from '../../src/check/severity.ts';
import { ruleIds } from '../../src/check/rule-ids.ts';
import { allRules } from '../../src/check/rules/index.ts';
import { type Language, languages } from '../../src/i18n/catalogue.ts';
import { rulePage } from '../../src/report/rule-page.ts';
import { fixturesOf, judge } from './fixture.ts';

const checkout = path.join(import.meta.dirname, '../..');
const ids: readonly string[] = allRules.map(({ id }) => id);
const reference = ruleReference();
const textOf = (file: string) => fs.readFileSync(path.join(checkout, file), 'utf8');

const sections: Readonly<Record<Language, readonly string[]>> = {
  en: ['Why it matters', 'Put it right by hand', 'What daruma writes'],
  'zh-CN': ['为什么要紧', '手动修复', 'daruma 会写入什么'],
};
const parts = /<!-- generated: (\w+) -->\n[\s\S]*?<!-- \/generated -->/g;

it('lists the ids of all rules, for those who do not load them', () => {
  expect(ruleIds).toEqual(ids);
});

describe.each(allRules.map(rule => [rule.id, rule] as const))('%s', (id, rule) => {
  it.each(languages)('has its page in %s, with every section filled in', language => {
    const page = textOf(rulePage(id, language));
    expect(page.split('\n')[0]).toBe(`# ${id}`);
    expect([...page.matchAll(parts)].map(([, name]) => name)).toEqual(['summary', 'example']);
    const written = page.replaceAll(parts, '').split(/^## /m).slice(1);
    const headings = written.map(text => text.split('\n')[0]);
    expect(headings.slice(0, 3)).toEqual(sections[language]);
    for (const text of written) expect(text.split('\n').slice(1).join('').trim().length).toBeGreaterThan(8);
  });

  it.each(languages)('has a page in %s that says what the tool says: `npm run rules` writes it', language => {
    const file = rulePage(id, language);
    expect(textOf(file)).toBe(reference.get(file));
  });

  it('is as severe as it says', async () => {
    const { severity, worst = severity } = rule;
    const rank = (of: Severity) => severities.indexOf(of);
    const found = new Set<Severity>();
    for (const fixture of fixturesOf(id, 'fires')) {
      for (const seen of (await judge(id, fixture, [])).severities) found.add(seen);
    }
    expect([...found].filter(seen => rank(seen) > rank(worst))).toEqual([]);
    // What only a running manager shows has no fixtures.
    expect(found.size === 0 || found.has(worst)).toBe(true);
  });
});

describe('the reference', () => {
  it.each(['docs/rules/README.md', 'docs/rules/README.zh-CN.md'])(
    '%s lists what there is: `npm run rules` writes it',
    file => {
      expect(textOf(file)).toBe(reference.get(file));
      for (const id of ids) expect(textOf(file)).toContain(`[${id}](${id}.`);
    },
  );

  it('has no page of a rule that there is not', () => {
    const pages = fs
      .readdirSync(path.join(checkout, 'docs/rules'))
      .filter(file => !file.startsWith('README'));
    expect(pages.filter(page => !ids.includes(page.replace(/(?:\.zh-CN)?\.md$/, '')))).toEqual([]);
  });

  it('has links that lead somewhere', () => {
    const folder = path.join(checkout, 'docs/rules');
    const broken = fs.readdirSync(folder).flatMap(file =>
      [...textOf(`docs/rules/${file}`).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
        .map(([, target = '']) => target)
        .filter(target => !fs.existsSync(path.join(folder, target)))
        .map(target => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('what belongs to rules', () => {
  it('fixtures', () => {
    const folders = fs.readdirSync(path.join(import.meta.dirname, 'rules'));
    expect(folders.filter(folder => !ids.includes(folder))).toEqual([]);
  });

  it('files', () => {
    const files = fs.readdirSync(path.join(checkout, 'src/check/rules')).filter(file => file !== 'index.ts');
    expect(files.filter(file => !ids.includes(file.replace(/\.ts$/, '')))).toEqual([]);
  });

  it('goldens and options', () => {
    const stray = ids.flatMap(id =>
      ['fires', 'silent'].flatMap(kind => {
        const folder = path.join(import.meta.dirname, 'rules', id, kind);
        if (!fs.existsSync(folder)) return [];
        const entries = fs.readdirSync(folder, { withFileTypes: true });
        const cases = new Set(entries.filter(entry => entry.isDirectory()).map(({ name }) => name));
        return entries
          .filter(entry => !entry.isDirectory())
          .map(({ name }) => name)
          .filter(name => !cases.has(name.replace(/(?:\.json|\.en\.txt|\.zh-CN\.txt)$/, '')))
          .map(name => `${id}/${kind}/${name}`);
      }),
    );
    expect(stray).toEqual([]);
  });
});
