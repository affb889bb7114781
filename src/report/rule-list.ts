/** The list of all rules, for people and for programs. */
import type { RuleId } from '../check/finding.ts';
import { type Rule, type RuleGroup, ruleGroups } from '../check/rule.ts';
import type { Severity } from '../check/severity.ts';
import { rulesByGroup } from '../check/rules/index.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { rulePage } from './rule-page.ts';
import { padTo, paint, type Style, type Terminal, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';

/** The rules of a group. */
export function rulesOf(group: RuleGroup): readonly Rule<RuleId, object>[] {
  return rulesByGroup[group];
}

/** All rules by group, each with its severity and subject. */
export function renderRuleList(catalogue: Catalogue, terminal: Terminal): string {
  const { severities } = catalogue.check;
  const idColumns = Math.max(
    ...Object.values(rulesByGroup)
      .flat()
      .map(({ id }) => id.length),
  );
  const severityColumns = Math.max(...Object.values(severities).map(text => widthOf(text)));
  const indent = 2 + idColumns + 2 + severityColumns + 2;
  const isNarrow = indent + narrowestTitle > terminal.columns;
  const sections = ruleGroups
    .filter(group => rulesOf(group).length > 0)
    .map(group => {
      const lines = rulesOf(group).map(({ id, severity }) => {
        const { title } = catalogue.rules[id];
        const shown = paint(terminal, styles[severity], severities[severity]);
        if (isNarrow) return `  ${id}\n${wrapText(terminal, `${shown}  ${title}`, [4, 4])}`;
        const head = `  ${padTo(id, idColumns)}  ${padTo(shown, severityColumns)}  `;
        return head + wrapText(terminal, title, [indent, indent]).slice(indent);
      });
      return [paint(terminal, 'strong', catalogue.reference.groups[group]), ...lines].join('\n');
    });
  const more = wrapText(terminal, paint(terminal, 'dim', catalogue.reference.onePage), [0, 0]);
  return `${[...sections, more].join('\n\n')}\n`;
}

const narrowestTitle = 24;

const styles = { critical: 'bad', warning: 'unsure', info: 'note' } as const satisfies Record<
  Severity,
  Style
>;

/** One rule of `daruma rules --json`. */
export function ruleToJson(rule: Rule<RuleId, object>, catalogue: Catalogue): object {
  const { id, severity, worst = severity, needs } = rule;
  return {
    id,
    group: ruleGroups.find(group => rulesOf(group).some(known => known.id === id)),
    severity,
    worstSeverity: worst,
    title: catalogue.rules[id].title,
    needs,
    url: rulePage(id, catalogue.language),
  };
}
