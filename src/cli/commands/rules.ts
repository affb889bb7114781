/** `daruma rules`: shows the list of rules or the page of one rule. */
import { allRules } from '../../check/rules/index.ts';
import type { RuleId } from '../../check/finding.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { documentHead } from '../../report/json.ts';
import { renderRuleList, ruleToJson } from '../../report/rule-list.ts';
import { pageMarkdown, renderPage, rulePage } from '../../report/rule-page.ts';
import { nearest } from '../../systemd/nearest.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, Failure } from '../failure.ts';
import type { Run } from '../io.ts';
import { write } from '../output.ts';
import type { CommonOptions } from '../options.ts';
import { version } from '../version.ts';

/** @returns the exit code */
export async function rules(given: string | undefined, options: CommonOptions, run: Run): Promise<number> {
  const { catalogue, io } = run;
  const context = readContext(options, run);
  const id = given === undefined ? undefined : findRule(given, catalogue);
  if (context.format === 'json') {
    const shown = allRules.filter(rule => id === undefined || rule.id === id);
    const entries = shown.map(rule => ruleToJson(rule, catalogue));
    await write(io, `${JSON.stringify({ ...documentHead(version, undefined), rules: entries })}\n`);
  } else {
    await write(io, id === undefined ? renderRuleList(catalogue, context.terminal) : pageOf(id, context));
  }
  return 0;
}

function findRule(given: string, { errors }: Catalogue): RuleId {
  const known = allRules.find(rule => rule.id === given);
  if (known !== undefined) return known.id;
  const near = nearest(
    given,
    allRules.map(rule => rule.id),
  );
  const hint = near === undefined ? errors.listRules : errors.didYouMean(near);
  throw badInput('unknown-rule', errors.unknownRule(given), given, hint);
}

function pageOf(id: RuleId, { catalogue, terminal }: Context): string {
  const { language } = catalogue;
  const markdown = pageMarkdown(id, language);
  if (markdown !== undefined) return renderPage(markdown, terminal);
  const where = rulePage(id, language);
  throw new Failure(3, 'unreadable', catalogue.errors.missingFile(where), { where });
}
