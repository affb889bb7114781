/** The README is held to what the tool says. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEnding } from '../../src/restart/ending.ts';
import { predictOutcome } from '../../src/restart/outcome.ts';
import { alone } from '../../src/restart/surroundings.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { readManagerConfiguration } from '../../src/systemd/manager-defaults.ts';
import { resolveService } from '../../src/systemd/service.ts';
import { restartPolicies } from '../../src/systemd/service-settings.ts';
import { checkout, daruma } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';

const readmes = ['README.md', 'README.zh-CN.md'] as const;
const textOf = (name: string) => fs.readFileSync(path.join(checkout, name), 'utf8');

describe.each(readmes)('%s', name => {
  it('shows the table of examples/neko as the tool prints it', async () => {
    const language = name === 'README.md' ? 'en' : 'zh-CN';
    const { stdout } = await daruma(['status', 'examples/neko', '--lang', language]);
    const table = stdout.split('\n').slice(0, 6).join('\n');
    expect(textOf(name)).toContain(table);
  });

  it('gives the policy table as the model computes it', () => {
    const words = name === 'README.md' ? ['restarts', 'stays down'] : ['重启', '不重启'];
    const given = /<!-- policy table: begin -->\n[^\n]+\n[^\n]+\n([\s\S]*?)<!-- policy table: end -->/.exec(
      textOf(name),
    );
    expect(given?.[1]?.trimEnd().split('\n')).toEqual(
      restartPolicies.map(policy => {
        const cells = policyRow(policy).map(restarts => words[restarts ? 0 : 1]);
        return `| \`${policy}\` | ${cells.join(' | ')} |`;
      }),
    );
  });

  it('shows a finding of examples/neko as the tool prints it: `npm run rules` writes it', async () => {
    const language = name === 'README.md' ? 'en' : 'zh-CN';
    const shown = /^\$ daruma check examples\/neko\n([^`]+)```$/m.exec(textOf(name))?.[1] ?? '';
    expect(shown).toMatch(/\[[a-z-]+\]/);
    const printed = await daruma(['check', 'examples/neko', '--lang', language]);
    expect(printed.stdout).toContain(shown);
  });

  it('names every command that the help names', async () => {
    const listed = /^Commands:\n((?: {2}.*\n)+)/m.exec((await daruma(['--help'])).stdout)?.[1] ?? '';
    const commands = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, command]) => command);
    expect(commands.length).toBeGreaterThan(2);
    for (const command of commands) expect(textOf(name)).toContain(`daruma ${command}`);
  });
});

/** The seed's own table: a long-running service and its common ends. */
function policyRow(policy: string): readonly boolean[] {
  const root = unpackedRoot({
    'etc/systemd/user/x.service': `[Service]\nExecStart=/bin/x\nWatchdogSec=10\nRestart=${policy}\n`,
  });
  const host = openOfflineHost({ root, scope: 'user', systemdVersion: 252 });
  const unit = createUnitLoader(host).load('x.service');
  const { settings } = resolveService(unit, readManagerConfiguration(host).defaults, 252);
  if (settings === undefined) throw new Error(`Restart=${policy} does not load`);
  return ['exit:0', 'exit:1', 'signal:TERM', 'signal:KILL', 'watchdog', 'stop'].map(text => {
    const ending = parseEnding(text);
    if (ending === undefined) throw new Error(text);
    return predictOutcome({ settings, surroundings: alone }, ending, { version: 252, cgroups: 'unified' })
      .restarts;
  });
}
