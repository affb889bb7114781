/** Whether a limit that is written for a service of a user is one: what systemd applies of it decides. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('no-memory-limit', { name: 'memory', systemd, users: ['kuma'] }, lab => {
    test('takes MemoryMax= for a limit where the manager can limit memory, and nowhere else', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user ~/bin
         printf '#!/bin/sh\\nexec sleep 100000\\n' > ~/bin/litellm
         chmod +x ~/bin/litellm
         printf 'model_list: []\\n' > ~/litellm.yaml
         printf '[Service]\\nExecStart=%%h/bin/litellm --config %%h/litellm.yaml --port 4000\\nMemoryMax=50%%\\n' > ~/.config/systemd/user/litellm.service
         systemctl --user daemon-reload
         systemctl --user start litellm.service`,
      );
      const shown = await asKuma(host, 'systemctl --user show -p MemoryCurrent --value litellm.service');
      const isCounted = /^\d{1,18}$/.test(shown.trim());
      const told = await findingsOf(host, 'no-memory-limit');
      expect(told.map(({ message }) => message)).toEqual(
        isCounted
          ? []
          : [
              'MemoryMax= has no effect here: LiteLLM is known to take more and more memory, and nothing limits it',
            ],
      );
    });

    test('is content with a limit of the whole user that root has set', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      const { stdout } = await host.exec(['id', '-u', 'kuma']);
      await host.writeFile(
        `/etc/systemd/system/user-${stdout.trim()}.slice.d/memory.conf`,
        '[Slice]\nMemoryMax=1G\n',
      );
      expect(await findingsOf(host, 'no-memory-limit')).toEqual([]);
    });
  });
});
