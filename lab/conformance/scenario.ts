/**
 * Scenarios: cases as readable files (`lab/scenarios/*.scenario`). Each one was once a disagreement between model and systemd, or
 * tests an important rule.
 *
 *   # why it is kept
 *   ending: start-post:1
 *   lifetime: 300ms
 *   systemd: 247 252
 *   result: exit-code
 *   restarts: yes
 *   --- unit
 *   [Service]
 *   ...
 *   --- drop-in 10-first.conf
 *   ...
 *   --- companion
 *   ...
 */
import type { Case } from './case.ts';

export interface Scenario {
  readonly why: string;
  readonly case: Case;
  /** The systemd versions for which the scenario is valid. */
  readonly systemd: readonly number[];
  /** The expected facts: `load`, `result`, `restarts`, `givesUp`, `starts`, `state`. */
  readonly expected: Readonly<Record<string, string>>;
}

/** Writes a case in the format of a scenario. */
export function formatCase({ fragment, dropIns, companion, ending, lifetimeMs }: Case): string {
  const files = Object.entries(dropIns).map(([name, content]) => `--- drop-in ${name}\n${content}`);
  const other = companion === undefined ? '' : `--- companion\n${companion}`;
  return `ending: ${ending}\nlifetime: ${lifetimeMs}ms\n--- unit\n${fragment}${files.join('')}${other}`;
}

/**
 * Reads a scenario.
 *
 * @throws Error that names the missing part
 */
export function parseScenario(text: string): Scenario {
  const [head = '', ...parts] = text.split(/^--- /m);
  const lines = head.split('\n').filter(Boolean);
  const why = lines.filter(line => line.startsWith('#')).map(line => line.slice(1).trim());
  const fields = new Map(lines.filter(line => !line.startsWith('#')).map(cutAtColon));
  const take = (name: string) => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`no "${name}:"`);
    fields.delete(name);
    return value;
  };
  const files = new Map(
    parts.map(part => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1)] as const;
    }),
  );
  const fragment = files.get('unit');
  if (fragment === undefined) throw new Error('no "--- unit"');
  const companion = files.get('companion');
  const dropIns = [...files].filter(([name]) => name.startsWith('drop-in '));
  return {
    why: why.join(' '),
    systemd: take('systemd').split(' ').map(Number),
    case: {
      ending: take('ending'),
      lifetimeMs: Number.parseInt(take('lifetime'), 10),
      fragment,
      ...(companion === undefined ? {} : { companion }),
      dropIns: Object.fromEntries(dropIns.map(([name, content]) => [name.slice('drop-in '.length), content])),
    },
    expected: Object.fromEntries(fields),
  };
}

function cutAtColon(line: string): readonly [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at), line.slice(at + 1).trim()];
}
