/** Commands that are printed find the manager where they are pasted. */
import { describe, expect, it } from 'vitest';
import { checkInventory } from '../../src/check/engine.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { findingWords } from '../../src/report/findings/words.ts';
import { shownManager } from '../../src/report/shown-manager.ts';
import { renderStatus, statusRow } from '../../src/report/status-table.ts';
import type { Host } from '../../src/systemd/host/host.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import { hostOf } from '../support/root.ts';

const variable = 'XDG_RUNTIME_DIR=/run/user/1000';
const terminal = { columns: 400, color: false, unicode: true };

const host = (): Host => ({
  ...hostOf({
    'var/lib/systemd/linger/kuma': '',
    'usr/lib/systemd/user/default.target': '[Unit]\nDescription=d\n',
    'usr/bin/litellm': '',
    'home/kuma/.config/systemd/user/idle.service':
      '[Service]\nExecStart=/usr/bin/litellm --port 4000\n[Install]\nWantedBy=default.target\n',
    'home/kuma/.config/systemd/user/off.service': { link: '/dev/null' },
  }),
  missingVariables: { XDG_RUNTIME_DIR: '/run/user/1000' },
});

describe.each(['en', 'zh-CN'] as const)('%s', language => {
  it('names what is missing before every command of a table and of a finding', async () => {
    const catalogue = await loadCatalogue(language);
    const inventory = await takeInventory(host());
    const names = inventory.ownServices();
    const rows = names.map(name => statusRow(inventory.service(name), inventory));
    const texts = [renderStatus(inventory, rows, undefined, '', catalogue, terminal)];
    for await (const { findings } of checkInventory(inventory, names, defaultPolicy)) {
      texts.push(...findings.map(finding => findingWords(finding, inventory.host, catalogue).remedy));
    }
    const commands = texts.flatMap(text => text.match(/\S*\s?systemctl --user [a-z-]+/g) ?? []);
    const verbs = new Set(commands.map(command => command.split(' ').at(-1)));
    expect(verbs).toEqual(new Set(['enable', 'unmask']));
    for (const command of commands) expect(command).toContain(`${variable} systemctl`);
  });
});

describe('shownManager', () => {
  it('has no prefix where nothing is missing', () => {
    expect(shownManager({ scope: 'user' })).toEqual({ scope: 'user', prefix: '' });
  });
});
