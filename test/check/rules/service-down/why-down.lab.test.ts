/** Real managers: why a service is down, where its result alone does not tell. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma } from '../../live-findings.ts';
import { schemaErrors } from '../../../report/schema-errors.ts';

const sleeps = 'ExecStart=/bin/sleep infinity';
const loops = 'Restart=on-failure\nRestartSec=10ms';

/** What is in each unit beside its [Install]. */
const units = {
  bound: `[Unit]\nBindsTo=carrier.service\nAfter=carrier.service\n[Service]\n${sleeps}\nRestart=always`,
  chained: `[Unit]\nBindsTo=bound.service\nAfter=bound.service\n[Service]\n${sleeps}\nRestart=always`,
  carrier: `[Service]\n${sleeps}\nRestart=always\nRestartSec=100ms`,
  part: `[Unit]\nPartOf=stopped.service\n[Service]\n${sleeps}\nRestart=always`,
  stopped: `[Service]\n${sleeps}\nRestart=always`,
  single: `[Unit]\nBindsTo=later.service\nAfter=later.service\n[Service]\n${sleeps}`,
  later: `[Service]\n${sleeps}\nRestart=always\nRestartSec=100ms`,
  needy: `[Unit]\nRequires=crashing.service\nAfter=crashing.service\n[Service]\n${sleeps}`,
  crashing: `[Service]\nType=notify\nExecStart=/bin/false\n${loops}`,
  'by-hand': `[Service]\nExecStart=/bin/false\n${loops}`,
  'reset-loop': `[Service]\nExecStart=/bin/sh -c "sleep 0.1; exit 1"\n${loops}`,
  'reset-chdir': `[Service]\nWorkingDirectory=/nope\n${sleeps}`,
  'reset-start': `[Service]\nType=notify\nTimeoutStartSec=1\n${sleeps}`,
  unread: `[Service]\nEnvironmentFile=/nope\n${sleeps}`,
  doubtful: `[Service]\nExecCondition=/bin/false\n${sleeps}`,
  'condition-fails': `[Service]\nExecCondition=/bin/sh -c "exit 255"\n${sleeps}`,
  'condition-killed': `[Service]\nExecCondition=/bin/sh -c "kill -9 $$$$"\n${sleeps}\nRestart=on-failure\nRestartSec=10min`,
  'not-restarted': `[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c "test -e %h/not-restarted && exit 1; touch %h/not-restarted; systemd-notify --ready; kill -9 $$$$"\nRestart=on-abnormal\nRestartSec=100ms`,
  conditional: `[Unit]\nConditionPathExists=/nope\n[Service]\n${sleeps}`,
  asserting: `[Unit]\nAssertPathExists=/nope\n[Service]\n${sleeps}`,
  refused: `[Unit]\nAssertPathExists=/nope\n[Service]\nRestart=always\n${sleeps}`,
  'job-limit': `[Unit]\nAfter=hanging.service\nJobTimeoutSec=1s\n[Service]\n${sleeps}`,
  queued: `[Unit]\nAfter=hanging.service\n[Service]\n${sleeps}`,
  hanging: `[Service]\nType=notify\nTimeoutStartSec=infinity\n${sleeps}`,
  hooked: `[Service]\n${sleeps}\nExecStartPost=/bin/false`,
  'hooked-task':
    '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecStartPost=/bin/sh -c "exit 8"',
  unheard: `[Service]\n${sleeps}\nStandardOutput=append:/nope/x`,
  remaining: `[Service]\nRemainAfterExit=yes\n${sleeps}`,
  done: '[Service]\nExecStart=/bin/sh -c "sleep 0.1"',
  litellm: '[Service]\nExecStart=%h/bin/litellm --config %h/config.yaml',
  openclaw: '[Service]\nExecStart=%h/bin/openclaw gateway',
  piped: '[Service]\nExecStart=cd /srv && exec ./server',
} as const;

/** What `check` says of it: the line of a file, and not the end of a program alone. */
function keptDown(name: string, rule: string, file: string, line: number): object {
  const source = { file: `/home/kuma/${file}`, line };
  return expect.objectContaining({ rule, source, command: `daruma check ${name}.service` });
}

const expected: Readonly<Record<string, object>> = {
  bound: { how: 'stopped-with', other: 'carrier.service' },
  chained: { how: 'stopped-with', other: 'bound.service' },
  needy: { how: 'start-failed', other: 'crashing.service' },
  crashing: { how: 'gave-up', status: '1' },
  'by-hand': { how: 'gave-up', isEnabled: false },
  'reset-loop': { how: 'fell', status: '1' },
  'reset-chdir': { how: 'fell', status: '200' },
  'reset-start': { how: 'fell', result: 'timeout' },
  unread: { how: 'fell', result: 'resources' },
  doubtful: { how: 'skipped', conditions: ['ExecCondition=/bin/false'] },
  'condition-fails': {
    how: 'fell',
    text: expect.stringContaining('it did not start: its ExecCondition= exited with status 255'),
  },
  'condition-killed': {
    how: 'waiting',
    text: expect.stringContaining('it did not start: its ExecCondition= was ended by SIGKILL, and systemd'),
  },
  // After a start that exits with 1 no restart was due: nothing was refused.
  'not-restarted': { how: 'fell', restarts: 1, status: '1' },
  conditional: { how: 'skipped', conditions: ['ConditionPathExists=/nope'] },
  asserting: { how: 'refused', conditions: ['AssertPathExists=/nope'] },
  refused: { how: 'refused', isEnabled: false, conditions: ['AssertPathExists=/nope'] },
  'job-limit': {
    how: 'start-timed-out',
    limits: [{ setting: 'JobTimeoutSec', value: '1s', source: expect.objectContaining({ line: 3 }) }],
    text: expect.stringContaining(
      'took longer than JobTimeoutSec=1s (job-limit.service:3) allows, and was cancelled',
    ),
  },
  queued: { how: 'queued', other: 'hanging.service' },
  hooked: {
    how: 'fell',
    text: expect.stringContaining('was ended by systemd, because its ExecStartPost= exited'),
  },
  'hooked-task': {
    text: expect.stringContaining(
      'failed, because its ExecStartPost= exited with status 8; its main process exited with status 0',
    ),
  },
  unheard: { how: 'fell', text: expect.stringContaining('systemd could not do what StandardOutput= asks') },
  remaining: { how: 'exited', status: 'TERM' },
  done: { how: 'ended' },
  litellm: { how: 'fell', findings: [keptDown('litellm', 'litellm-config-invalid', 'config.yaml', 2)] },
  openclaw: {
    how: 'fell',
    findings: [keptDown('openclaw', 'openclaw-config-invalid', '.openclaw/openclaw.json', 1)],
  },
  piped: {
    how: 'fell',
    findings: [keptDown('piped', 'shell-syntax', '.config/systemd/user/piped.service', 2)],
  },
  // They are up again, since a moment ago.
  carrier: { how: 'fell-lately', status: 'KILL' },
  later: { how: 'fell-lately', status: 'KILL' },
};

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('service-down', { name: 'why-down', systemd, users: ['kuma'] }, lab => {
    test('tells why each service is down, and respects a stop', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      const files = Object.entries(units).map(
        ([name, text]) => `cat > ${name}.service <<'END'\n${text}\n[Install]\nWantedBy=default.target\nEND\n`,
      );
      const all = Object.keys(units);
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         mkdir ~/bin ~/.openclaw
         printf '#!/bin/sh\\nexit 1\\n' | tee ~/bin/litellm > ~/bin/openclaw
         chmod +x ~/bin/*
         printf 'model_list:\\n  - [\\n' > ~/config.yaml
         printf '{ gateway: { mode: "local" } ]' > ~/.openclaw/openclaw.json
         cd ~/.config/systemd/user
${files.join('')}
         systemctl --user daemon-reload
         systemctl --user --quiet enable ${all.filter(name => !['by-hand', 'refused'].includes(name)).join(' ')}
         # Its job must be there before that of the one that waits for it.
         systemctl --user start --no-block hanging
         systemctl --user start --no-block ${all.join(' ')}
         until systemctl --user --quiet is-failed crashing && systemctl --user --quiet is-failed by-hand &&
           systemctl --user --quiet is-failed reset-loop && systemctl --user --quiet is-failed reset-start &&
           systemctl --user --quiet is-active chained part remaining; do sleep 0.1; done
         systemctl --user stop single stopped
         sleep 2
         systemctl --user kill --signal=KILL carrier later
         systemctl --user kill --signal=TERM remaining
         systemctl --user reset-failed reset-loop reset-chdir reset-start
         sleep 2`,
      );
      const shown = await host.exec(['node', '/opt/daruma/bin/daruma.cjs', 'status', '--json'], {
        user: 'kuma',
      });
      const document = JSON.parse(shown.stdout);
      expect(schemaErrors('status', document)).toEqual([]);
      const down: readonly { readonly unit: string }[] = document.down;
      // stopped, part and single were stopped by a person.
      expect(down.map(({ unit }) => unit.replace('.service', '')).toSorted()).toEqual(
        Object.keys(expected).toSorted(),
      );
      for (const [name, what] of Object.entries(expected)) {
        expect(down.find(({ unit }) => unit === `${name}.service`)).toMatchObject(what);
      }
      const status = ['node', '/opt/daruma/bin/daruma.cjs', 'status'];
      const text = (await host.exec(status, { user: 'kuma' })).stdout;
      expect(text).toContain('  config.yaml:2: ');
      expect(text).toContain('daruma check litellm.service\n');
      const fix = ['node', '/opt/daruma/bin/daruma.cjs', 'fix', '--dry-run', '--json', 'done'];
      const { plan } = JSON.parse((await host.exec(fix, { user: 'kuma' })).stdout);
      expect(plan.files).toEqual([]);
    });
  });
});
