/**
 * Writes the generated parts of the rule reference under docs/rules/: the summary and example of each page and the list of all
 * rules; and the finding in the README. `npm run rules` writes them, and a test checks that they are up to date. The text between
 * the markers is generated, all other text is written by people.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { RuleId } from '../src/check/finding.ts';
import { type Rule, ruleGroups } from '../src/check/rule.ts';
import { allRules } from '../src/check/rules/index.ts';
import type { Catalogue, Language } from '../src/i18n/catalogue.ts';
import { en } from '../src/i18n/en/index.ts';
import { zhCN } from '../src/i18n/zh-CN/index.ts';
import { rulesOf } from '../src/report/rule-list.ts';
import { rulePage } from '../src/report/rule-page.ts';

const checkout = path.join(import.meta.dirname, '..');
const fixtures = path.join(checkout, 'test/check/rules');

type AnyRule = Rule<RuleId, object>;

/** Texts that only the pages contain. */
interface PageTexts {
  readonly catalogue: Catalogue;
  readonly example: string;
  readonly output: string;
  mode(mode: string): string;
  readonly onlyLive: string;
  readonly index: IndexTexts;
}

interface IndexTexts {
  readonly title: string;
  readonly intro: string;
  readonly heads: readonly [rule: string, severity: string, finds: string];
}

const languages: Readonly<Record<Language, PageTexts>> = {
  en: {
    catalogue: en,
    example: 'Example',
    output: '`daruma check` says:',
    mode: mode => `mode ${mode}`,
    onlyLive: 'Only a running manager shows it, so there is no file to show here.',
    index: {
      title: 'Rules',
      intro: `What \`daruma check\` looks for: faults that bring a service down, keep it down, hide that it is down, or give its
secrets away. How a unit is written is nobody's business here.

- **critical**: it will stay down after a common fall, a secret is open to others, or the next start will be refused.
- **warning**: it will cost time or hide a fault.
- **info**: worth knowing.

\`daruma rules\` lists them in the terminal, \`daruma rules RULE\` shows one of these pages. A finding is accepted with a
comment in the unit file, which may say why:

\`\`\`ini
# daruma: ignore restart-blind-spot stops itself when its work is done
Restart=on-failure
\`\`\`

Accepted findings are counted, and shown with \`--verbose\`.

[简体中文](README.zh-CN.md)`,
      heads: ['rule', 'severity', 'what it finds'],
    },
  },
  'zh-CN': {
    catalogue: zhCN,
    example: '示例',
    output: '`daruma check` 的输出：',
    mode: mode => `权限 ${mode}`,
    onlyLive: '只有正在运行的管理器才看得出来，因此这里没有文件可展示。',
    index: {
      title: '规则',
      intro: `\`daruma check\` 检查的是会让服务倒下、起不来、倒下了却看不出来，或者泄露密钥的问题。unit 文件的写法风格不在它的管辖之内。

- **严重**：某种常见的倒下方式之后起不来，密钥对他人开放，或者下一次启动会被拒绝。
- **警告**：会耗费时间，或者掩盖问题。
- **提示**：值得知道。

\`daruma rules\` 在终端里列出全部规则，\`daruma rules RULE\` 显示其中一页。在 unit 文件里写一行注释就可以接受某个问题，后面可以写明理由：

\`\`\`ini
# daruma: ignore restart-blind-spot 任务做完后会自行退出
Restart=on-failure
\`\`\`

已接受的问题会计数，加上 \`--verbose\` 就会显示。

[English](README.md)`,
      heads: ['规则', '级别', '检查什么'],
    },
  },
};

/** The up-to-date reference: the text of each file by its path in the checkout. Missing pages are left out. */
export function ruleReference(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const texts of Object.values(languages)) {
    const { language } = texts.catalogue;
    files.set(
      language === 'en' ? 'docs/rules/README.md' : `docs/rules/README.${language}.md`,
      indexOf(texts),
    );
    for (const rule of allRules) {
      const page = rulePage(rule.id, language);
      if (!fs.existsSync(path.join(checkout, page))) continue;
      files.set(page, filledIn(fs.readFileSync(path.join(checkout, page), 'utf8'), rule, texts));
    }
  }
  return files;
}

/** The README with the present text of a finding: the first one of the second unit, below the unit's name. */
function readmeWithFinding(readme: string, { catalogue }: PageTexts): string {
  const args = ['src/cli/main.ts', 'check', 'examples/neko', '--lang', catalogue.language];
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', NO_COLOR: '1', COLUMNS: '80' };
  const { stdout } = spawnSync(process.execPath, args, { cwd: checkout, encoding: 'utf8', env });
  const [heading, finding] = stdout.slice(stdout.indexOf('\nlitellm.service\n') + 1).split('\n\n');
  const shown = `\`\`\`console\n$ daruma check examples/neko\n${heading}\n\n${finding}\n\`\`\`\n`;
  return readme.replace(
    /(<!-- generated: finding -->\n)[\s\S]*?(<!-- \/generated -->)/,
    (_, begin: string, end: string) => begin + shown + end,
  );
}

function filledIn(page: string, rule: AnyRule, texts: PageTexts): string {
  const parts = { summary: summaryOf(rule, texts), example: exampleOf(rule, texts) };
  return page.replaceAll(
    /(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- \/generated -->)/g,
    (_, begin: string, name: keyof typeof parts, end: string) => `${begin}${parts[name]}\n${end}`,
  );
}

function summaryOf(rule: AnyRule, { catalogue }: PageTexts): string {
  const { reference, punctuation } = catalogue;
  const group = ruleGroups.find(known => rulesOf(known).some(({ id }) => id === rule.id)) ?? 'restart';
  return [
    `**${catalogue.rules[rule.id].title}**`,
    '',
    `- ${reference.group}${punctuation.colon}${reference.groups[group]}`,
    `- ${reference.severity}${punctuation.colon}${severityOf(rule, catalogue)}`,
    `- ${reference.knownFrom}${punctuation.colon}${reference.needs[rule.needs]}`,
  ].join('\n');
}

function severityOf({ severity, worst = severity }: AnyRule, { check, reference }: Catalogue): string {
  const usual = check.severities[severity];
  return worst === severity ? usual : reference.atWorst(usual, check.severities[worst]);
}

/** The files of the example and the finding about them; `rules.test.ts` checks that the tool really reports it. */
function exampleOf(rule: AnyRule, texts: PageTexts): string {
  const heading = `## ${texts.example}\n\n`;
  const folder = exampleFolder(rule.id);
  if (folder === undefined) return heading + texts.onlyLive;
  const said = fs.readFileSync(`${folder}.${texts.catalogue.language}.txt`, 'utf8').trimEnd();
  const files = filesOf(folder, texts).map(file => `${file}\n`);
  return `${heading}${files.join('\n')}\n${texts.output}\n\n${fenced('text', said)}`;
}

function exampleFolder(rule: RuleId): string | undefined {
  const parent = path.join(fixtures, rule, 'fires');
  if (!fs.existsSync(parent)) return undefined;
  const cases = fs.readdirSync(parent, { withFileTypes: true }).filter(entry => entry.isDirectory());
  const names = cases.map(({ name }) => name).sort();
  const name = names.find(known => known === 'example') ?? names[0];
  return name === undefined ? undefined : path.join(parent, name);
}

/** Unit files first, then files that they refer to. Programs and accounts only have to exist and are not shown. */
function filesOf(folder: string, texts: PageTexts): readonly string[] {
  const more = optionsBeside(folder);
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => isTelling(file) && fs.statSync(path.join(folder, file)).isFile())
    .sort((a, b) => Number(isUnit.test(b)) - Number(isUnit.test(a)) || (a < b ? -1 : 1))
    .map(file => {
      const mode = more.modes[file];
      const name = `\`${shownName(file)}\`${mode === undefined ? '' : texts.catalogue.punctuation.aside(texts.mode(mode))}`;
      const text = fs.readFileSync(path.join(folder, file), 'utf8').trimEnd();
      return text === '' ? name : `${name}\n\n${fenced(kinds[path.extname(file)] ?? 'ini', text)}`;
    });
  const links = Object.entries(more.links)
    .filter(([file]) => isTelling(file))
    .map(([file, target]) => `\`${shownName(file)}\` → \`${target}\``);
  return [...files, ...links];
}

const isUnit = /\.(?:service|socket|timer|path|target)$/;
const readable = /(?:\.(?:service|socket|timer|path|target|conf|env|json|yaml|yml)|\/\.env)$/;
const kinds: Readonly<Record<string, string>> = {
  '.json': 'json5',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.env': 'sh',
};

/** Whether a file is worth showing: not systemd's own files, and not the links that enable a unit. */
function isTelling(file: string): boolean {
  return readable.test(file) && !/^usr\/lib\/systemd\/|\.(?:wants|requires)\//.test(file);
}

/** The path as a user of that machine would write it. */
function shownName(file: string): string {
  const [, machine, place] = /^machines\/([^/]+)\/(.*)$/.exec(file) ?? [];
  if (machine !== undefined && place !== undefined) return `${machine}: ${shownName(place)}`;
  return /^home\/[^/]+\//.test(file)
    ? file.replace(/^home\/[^/]+\//, '~/')
    : file.replace(/^(?=etc\/|usr\/|opt\/)/, '/');
}

function optionsBeside(folder: string): {
  readonly modes: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
} {
  const file = `${folder}.json`;
  if (!fs.existsSync(file)) return { modes: {}, links: {} };
  return { modes: {}, links: {}, ...JSON.parse(fs.readFileSync(file, 'utf8')) };
}

function fenced(kind: string, text: string): string {
  return `\`\`\`${kind}\n${text}\n\`\`\``;
}

function indexOf(texts: PageTexts): string {
  const { catalogue, index } = texts;
  const suffix = catalogue.language === 'en' ? '' : `.${catalogue.language}`;
  const sections = ruleGroups
    .filter(group => rulesOf(group).length > 0)
    .map(group => {
      const rows = rulesOf(group).map(
        rule =>
          `| [${rule.id}](${rule.id}${suffix}.md) | ${severityOf(rule, catalogue)} | ${catalogue.rules[rule.id].title} |`,
      );
      return [
        `## ${catalogue.reference.groups[group]}`,
        '',
        `| ${index.heads.join(' | ')} |`,
        '|---|---|---|',
        ...rows,
      ].join('\n');
    });
  return `${[`# ${index.title}`, index.intro, ...sections].join('\n\n')}\n`;
}

if (import.meta.main) {
  for (const [name, texts] of [
    ['README.md', languages.en],
    ['README.zh-CN.md', languages['zh-CN']],
  ] as const) {
    const file = path.join(checkout, name);
    fs.writeFileSync(file, readmeWithFinding(fs.readFileSync(file, 'utf8'), texts));
  }
  for (const [file, text] of ruleReference()) fs.writeFileSync(path.join(checkout, file), text);
}
