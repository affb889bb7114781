/** Words of a unit that mean something to JavaScript, in every place where daruma looks a word up. */
import { expect, it } from 'vitest';
import { checkInventory } from '../../src/check/engine.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { findingWords } from '../../src/report/findings/words.ts';
import { openFolder } from '../../src/systemd/host/offline-host.ts';
import { unpackedRoot } from '../support/root.ts';

const catalogues = await Promise.all((['en', 'zh-CN'] as const).map(loadCatalogue));

it.each(Object.getOwnPropertyNames(Object.prototype))('%s', async word => {
  const folder = unpackedRoot({
    'a.service': `[Unit]
${word}=1
After=${word}.service
OnFailure=${word}.service
[Service]
Type=${word}
ExecStartPre=/usr/bin/${word} -a ${word}
ExecStart=/usr/bin/${word} -x --${word} ${word}
ExecStartPost=/usr/bin/timeout -k ${word} ${word} ${word} -a
ExecStartPost=/bin/sh -c '${word} -a; ${word}() { ${word}; }; timeout 5 ${word} -a || "$$${word}"'
ExecStop=/usr/bin/env ${word}=1 npx -p ${word} ${word} -a
Environment=${word}=1
UnsetEnvironment=${word}
SuccessExitStatus=${word}
KillSignal=${word}
${word}=2
[${word}]
${word}=3
[Install]
WantedBy=${word}.target
`,
    'b.service': `[Service]\nExecStart=/usr/bin/ssh -o ${word}=1 -L 4000:${word}:1 ${word}\nEnvironmentFile=-/${word}\n`,
    'c.service': `[Service]\nExecStart=/usr/bin/uv ${word} -a ${word} --${word}\nRestart=${word}\n`,
  });
  const inventory = await takeInventory(openFolder(folder, { scope: 'user', systemdVersion: 257 }));
  const texts: string[] = [];
  for await (const { findings } of checkInventory(inventory, inventory.servicesIn(folder), defaultPolicy)) {
    for (const finding of findings) {
      for (const catalogue of catalogues) {
        texts.push(...Object.values(findingWords(finding, inventory.host, catalogue)));
      }
    }
  }
  expect(texts.length).toBeGreaterThan(20);
  expect(texts.join('\n')).not.toMatch(/undefined|native code|\[object/);
});
