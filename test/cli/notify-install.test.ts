/** What an installation of hooks says: who gets one, and no more, since their texts are long. */
import { expect, it } from 'vitest';
import { languages } from '../../src/i18n/catalogue.ts';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const service =
  '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\n[Install]\nWantedBy=default.target\n';

it.each(languages)(
  'names each service in a line, and shows the files where that is asked for (%s)',
  async language => {
    const HOME = unpackedRoot({
      '.config/systemd/user/agent.service': service,
      '.config/systemd/user/proxy.service': service,
      '.config/daruma/config.yaml': `notify:\n  language: ${language}\n  channels: [{type: webhook, url: "http://127.0.0.1:9/"}]\n`,
    });
    const run = async (...args: readonly string[]) => {
      const { code, stdout } = await daruma(['notify', ...args, '--lang', language], { env: { HOME } });
      expect(code).toBe(0);
      return stdout;
    };
    const shown = await run('install', '--dry-run');
    expect(shown).toContain('+++ ~/.config/systemd/user/proxy.service.d/zz-daruma.notify.conf');
    const done = await run('install', '--yes');
    expect(done).toMatch(/\n  \+ agent\.service\n  \+ proxy\.service\n  \+ /);
    expect(done).not.toContain('ExecStopPost');
    expect(done.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    const gone = await run('uninstall', '--yes');
    expect(gone).toMatch(/\n  - agent\.service\n  - proxy\.service\n  - /);
    expect(gone.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    expect(await run('install', '--yes', '--verbose')).toContain('ExecStopPost');
  },
);
