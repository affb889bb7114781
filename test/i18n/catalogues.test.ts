import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { downDetails } from '../../src/check/rules/service-down.ts';
import type { Catalogue } from '../../src/i18n/catalogue.ts';
import { en } from '../../src/i18n/en/index.ts';
import { zhCN } from '../../src/i18n/zh-CN/index.ts';
import type { Downfall } from '../../src/inventory/downfall.ts';
import { endingForms } from '../../src/restart/ending.ts';
import { endings } from './samples.ts';
import { textsOf } from './texts.ts';
import { widthOf } from '../../src/report/width.ts';
import { fallen } from '../support/downfall.ts';

const restarting: Downfall = { ...fallen, how: 'restarting' };

const english = textsOf(en);
const chinese = textsOf(zhCN);

describe.each([
  ['en', en, english],
  ['zh-CN', zhCN, chinese],
] as const)('the catalogue %s', (language, catalogue, texts) => {
  it('goes by its name', () => {
    expect(catalogue.language).toBe(language);
  });

  it('leaves nothing empty and shows no argument as undefined', () => {
    const bad = [...texts].filter(
      ([, text]) => text.trim() === '' || /undefined|null|\[object|NaN/.test(text),
    );
    expect(bad).toEqual([]);
  });

  it('says every reason without a full stop: they are joined', () => {
    const stopped = [...texts].filter(([key, text]) => key.startsWith('reasons.') && /[.。]$/.test(text));
    expect(stopped).toEqual([]);
  });

  it('counts nothing that is not there', () => {
    const { check, fix, links, notify, rules } = catalogue;
    const none = { units: 0, critical: 0, warning: 0, info: 0, suppressed: 0 };
    const isoDay = Date.UTC(2026, 0, 31);
    const said = [
      check.summary(none),
      ...[0, 1, 3].map(leaves => fix.summary(2, leaves, 0, 0)),
      ...[1, 3].map(leaves => fix.summary(0, leaves, 0, 0)),
      fix.leaves(3, 0),
      links.summary(0, 0, 0, 0),
      links.summary(3, 0, 0, 0),
      links.models(0),
      links.certificateUntil('2026-01-31', 0),
      links.staysApart(0),
      links.faults['certificate-expires-soon'].message({
        code: 'certificate-expires-soon',
        host: 'kuma',
        untilMs: isoDay,
        days: 0,
      }),
      notify.hookFiles(0, 2),
      rules['service-down'].message(downDetails(restarting), { unit: 'a.service', scope: 'user' }),
    ].filter(text => /(?<![\d.:-])0(?![\d.:-])/.test(text));
    expect(said).toEqual([]);
  });

  it('heads each column of the table with at most six columns', () => {
    const wide = Object.entries(catalogue.fallHeads).filter(([, head]) => widthOf(head) > 6);
    expect(wide).toEqual([]);
  });

  it('explains every form of ending, and no other', () => {
    expect(Object.keys(catalogue.help.endingForms).toSorted()).toEqual([...endingForms].toSorted());
  });

  it('tells all endings apart', () => {
    const names = [...endings.values()].map(ending => catalogue.ending(ending));
    expect(new Set(names).size).toBe(names.length);
  });

  it('tells all columns apart', () => {
    expect(new Set(Object.values(catalogue.fallHeads)).size).toBe(Object.keys(catalogue.fallHeads).length);
    expect(new Set(Object.values(catalogue.fallNames)).size).toBe(Object.keys(catalogue.fallNames).length);
  });

  it('gives the same commands as examples as the other', () => {
    const commands = ({ help }: Catalogue) =>
      Object.values(help.exampleLines).map(lines => lines.map(({ command }) => command));
    expect(commands(catalogue)).toEqual(commands(en));
  });
});

describe('the Chinese catalogue against the English one', () => {
  it('has a text wherever the English one has', () => {
    expect([...chinese.keys()]).toEqual([...english.keys()]);
  });

  it('shows exactly the arguments that the English one shows', () => {
    const differing = [...english].flatMap(([key, text]) => {
      const shown = argumentsIn(text);
      const also = argumentsIn(chinese.get(key) ?? '');
      return shown.join() === also.join() ? [] : [{ key, shown, also }];
    });
    expect(differing).toEqual([]);
  });

  it('is held against samples that the English one shows', () => {
    const texts = [...english.values()];
    expect(sampleArguments.filter(argument => !texts.some(text => text.includes(argument)))).toEqual([]);
  });

  it('is Chinese, names and commands aside', () => {
    const foreign = [...chinese].filter(([, text]) => !/\p{Script=Han}/u.test(text)).map(([key]) => key);
    expect(foreign.filter(key => !isName(key))).toEqual([]);
  });

  it('calls nothing a name that is none', () => {
    const translated = [...names].filter(key => /\p{Script=Han}/u.test(chinese.get(key) ?? '汉'));
    expect(translated).toEqual([]);
  });
});

describe('what changes its wording', () => {
  const setting = { setting: 'Restart', value: 'always', source: null };

  it.each([
    [en, 'Restart=always restarts it after a clean end'],
    [zhCN, 'Restart=always 遇到正常退出时会重启'],
  ])('a success is a clean end', ({ reasons }, text) => {
    expect(reasons['policy-restarts']({ code: 'policy-restarts', result: 'success', ...setting })).toBe(text);
  });

  it.each([
    [en, 'any time'],
    [zhCN, '总共 5 次'],
  ])('a start limit without end has no seconds', ({ reasons }, text) => {
    const endless = { burst: 5, intervalSeconds: Number.POSITIVE_INFINITY };
    const said = reasons['limit-reached']({ code: 'limit-reached', ...endless, ...setting });
    expect(said).toContain(text);
    expect(said).not.toContain('Infinity');
  });
});

describe('Chinese typography', () => {
  const faults = (pattern: RegExp) => [...chinese].filter(([, text]) => pattern.test(text));

  it('addresses its reader in one way, as the documentation does', () => {
    const files = fs.globSync(['src/i18n/zh-CN/**/*.ts', '*.zh-CN.md', 'docs/**/*.zh-CN.md']);
    const formal = files.filter(file => fs.readFileSync(file, 'utf8').includes('您'));
    expect({ files: files.length > 50, formal }).toEqual({ files: true, formal: [] });
  });

  it('parts Chinese from Latin words by a space', () => {
    expect(faults(/\p{Script=Han}[\w%[/=-]|[\w%\]/=-]\p{Script=Han}/u)).toEqual([]);
  });

  it('uses full-width punctuation in sentences, with no space around it', () => {
    expect(faults(/\p{Script=Han} ?[,;:!?()]|[,;:!?()] ?\p{Script=Han}/u)).toEqual([]);
    expect(faults(/ [，。：；？（）、“”]|[，。：；？（）、“”] /u)).toEqual([]);
  });
});

/** What a Chinese text may consist of alone: what systemd, the shell or everybody calls so. */
const names: ReadonlySet<string> = new Set([
  'notices.digestLine',
  'notices.textTitle',
  'reasons.delay',
  'remedies.policy-does-not-restart',
  'remedies.stays-exited',
  'remedies.delay-never-ends',
  'remedies.linger-off',
  'remedies.not-enabled',
  'ending.signal:NAME',
  'ending.stop',
  'fallHeads.sigterm',
  'fallHeads.sigkill',
  'fallHeads.oom',
  'fallNames.sigterm',
  'fallNames.sigkill',
  'fallNames.oom',
]);

function isName(key: string): boolean {
  return names.has(key) || key === 'language' || key.endsWith('.command') || key.startsWith('punctuation.');
}

/** Which arguments of the samples a text shows. */
function argumentsIn(text: string): readonly string[] {
  return sampleArguments.filter(argument => text.includes(argument));
}

const sampleArguments: readonly string[] = [
  'arg1|arg2|arg3|217|83|97|254|value-41|SIGRTMIN+7|SIGUSR2|SIGFOO|SIGBAR|exit-code|core-dump|EACCES|%Q',
  'PartOf|ExecStartPre|ExecCondition|KillMode|Setting=|NearName|[Slice]|[Manager]|geese|ducks|swans',
  'other.service|own.service|wanted.target|starter.target|upholder.service|trigger.socket|tama|/run/tried',
  '/opt/hook|/opt/a*|/opt/folder/|./run.sh|/opt/../run|/etc/masked|/etc/unit',
].flatMap(line => line.split('|'));
