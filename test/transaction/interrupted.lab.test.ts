/**
 * `daruma fix` on real hosts where its own commands go wrong: killed before and after the manager was reloaded and lingering
 * was turned on, or refused; and drop-ins of others that would have the last word.
 */
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import type { RunResult } from '../../lab/run.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const units = '/root/.config/systemd/user';
const faults = '/opt/faults';
/** The commands at which a fix and an undo are killed or refused. */
const commands = ['daemon-reload', 'enable-linger', 'disable-linger'] as const;
const agent = '[Service]\nExecStart=/bin/sleep infinity\nRestart=no\n\n[Install]\nWantedBy=default.target\n';

describe.concurrent.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('a fix', { name: 'faults', systemd }, lab => {
    test('is whole whatever becomes of its commands, and has the last word', {
      timeout: 600_000,
    }, async () => {
      const host = await lab.host();
      // Without lingering the manager lives as long as somebody is logged in.
      await host.exec(['systemd-run', '--quiet', '--unit=login', 'su', '-', '-c', 'sleep infinity']);
      await waitFor('a session', 60_000, async () => {
        const { stdout } = await host.exec(['loginctl', 'show-user', '--value', '-p', 'State', 'root']);
        return /^(active|online)$/m.test(stdout) || undefined;
      });
      await host.exec(['systemctl', 'start', 'user@0.service']);
      expect((await own(host, 'systemctl', '--user', 'daemon-reload')).code).toBe(0);
      await askedStartsAreMade(host);
      await commandsGoWrong(host);
      await othersWouldHaveTheLastWord(host);
    });
  });
});

async function commandsGoWrong(host: Host): Promise<void> {
  await prepare(host);
  const before = await standing(host);
  expect(await daruma(host, 'fix', '--yes')).toMatchObject({ code: 0, stderr: '' });
  const after = await standing(host);
  expect(after).toMatchObject({ linger: true, effective: expect.stringContaining('Restart=always') });
  expect(await daruma(host, 'undo')).toMatchObject({ code: 0, stderr: '' });
  expect(await standing(host)).toEqual(before);

  for (const command of ['daemon-reload', 'enable-linger'] as const) {
    for (const moment of ['before', 'after'] as const) {
      for (const [way, then] of [
        [['undo'], before],
        [['fix', '--continue'], after],
      ] as const) {
        await goWrong(host, moment, command);
        expect(await daruma(host, 'fix', '--yes')).toMatchObject({ code: killed });
        await goWrong(host);
        expect((await daruma(host, 'rules')).stderr).toMatch(toldOf);
        expect(await daruma(host, ...way)).toMatchObject({ code: 0, stderr: '' });
        expect(await standing(host)).toEqual(then);
      }
      // Done by now, and taken back with the same fault.
      const undone = command === 'daemon-reload' ? command : 'disable-linger';
      await goWrong(host, moment, undone);
      expect(await daruma(host, 'undo')).toMatchObject({ code: killed });
      await goWrong(host);
      expect((await daruma(host, 'rules')).stderr).toMatch(toldOf);
      expect(await daruma(host, 'undo')).toMatchObject({ code: 0, stderr: '' });
      expect(await standing(host)).toEqual(before);
    }
  }

  await goWrong(host, 'instead', 'daemon-reload');
  const failed = await daruma(host, 'fix', '--yes');
  expect(failed).toMatchObject({
    code: 3,
    stderr: 'daruma: systemctl --user daemon-reload: not now; everything is as it was before\n',
  });
  await goWrong(host);
  expect(await standing(host)).toEqual(before);
  expect((await daruma(host, 'undo', '--list')).stdout).not.toContain('interrupted');

  await goWrong(host, 'instead', 'enable-linger');
  const refused = await daruma(host, 'fix', '--yes');
  expect(refused).toMatchObject({
    code: 3,
    stdout: expect.stringContaining(
      'Not done (not now). Run it yourself: sudo loginctl enable-linger root\n',
    ),
  });
  await goWrong(host);
  expect(await standing(host)).toEqual({ ...after, linger: false });
  expect(await daruma(host, 'undo')).toMatchObject({ code: 0, stderr: '' });
  expect(await standing(host)).toEqual(before);
}

/** What `--restart` has asked for is done by what finishes the fix, unless somebody has stopped it since. */
async function askedStartsAreMade(host: Host): Promise<void> {
  await prepare(host);
  const names = ['fallen', 'given-up-on'];
  const program =
    '[Service]\nExecStart=/bin/sh -c "test -e /root/ready && exec sleep infinity; exit 1"\nRestart=no\n';
  for (const name of names)
    await host.writeFile(`${units}/${name}.service`, `${program}[Install]\nWantedBy=default.target\n`);
  await own(host, 'systemctl', '--user', 'daemon-reload');
  await own(host, 'systemctl', '--user', '--quiet', 'enable', '--now', ...names);
  await host.exec(['touch', '/root/ready']);
  await goWrong(host, 'before', 'daemon-reload');
  expect(await daruma(host, 'fix', ...names, '--restart', '--yes')).toMatchObject({ code: killed });
  await goWrong(host);
  await own(host, 'systemctl', '--user', 'start', 'given-up-on');
  await own(host, 'systemctl', '--user', 'stop', 'given-up-on');
  const { code, stdout } = await daruma(host, 'fix', '--continue');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/fallen\.service/) });
  expect(stdout).not.toContain('given-up-on');
  const active = await own(host, 'systemctl', '--user', 'is-active', ...names);
  expect(active.stdout).toBe('active\ninactive\n');
  expect(await daruma(host, 'undo')).toMatchObject({ code: 0 });
  await own(host, 'systemctl', '--user', 'stop', ...names);
  for (const name of names) await host.exec(['rm', `${units}/${name}.service`]);
  await own(host, 'systemctl', '--user', 'daemon-reload');
}

async function othersWouldHaveTheLastWord(host: Host): Promise<void> {
  const others = {
    overridden: [`${units}/overridden.service.d/override.conf`],
    all: [`${units}/all.service.d/override.conf`, `${units}/service.d/zz.conf`],
    controlled: ['/root/.config/systemd/user.control/controlled.service.d/zzzz.conf'],
    lost: [`/root/.config/systemd/user.control/lost.service.d/${'~'.repeat(250)}.conf`],
  };
  for (const [name, files] of Object.entries(others)) {
    await host.writeFile(`${units}/${name}.service`, agent.replace('Restart=no\n', ''));
    for (const file of files) await host.writeFile(file, '[Service]\nRestart=no\nRestartSec=7\n');
  }
  await own(host, 'systemctl', '--user', 'daemon-reload');
  const names = Object.keys(others);
  const { code, stdout } = await daruma(host, 'fix', ...names, '--yes', '--only', 'restart-blind-spot');
  expect(code).toBe(0);
  const shown = await own(host, 'systemctl', '--user', 'show', '--value', '-p', 'Restart', ...names);
  expect(shown.stdout.trim().split(/\n+/)).toEqual(['always', 'always', 'always', 'no']);
  expect(stdout.replaceAll(/\s+/g, '')).toContain(
    `Restart=forlost.service:${others.lost[0]?.slice('/root/'.length)}:2hasthelastword`,
  );
  expect(await daruma(host, 'undo')).toMatchObject({ code: 0 });
}

/** Whatever comes next says it first, but for what finishes it or takes it back. */
const toldOf = /^daruma: the (?:undo of the )?fix \S+ was interrupted/;

/** SIGKILL, as a shell says it. */
const killed = 137;

/** Root may turn lingering on without being asked. */
async function prepare(host: Host): Promise<void> {
  await host.writeFile(`${units}/agent.service`, agent);
  for (const program of ['systemctl', 'loginctl']) {
    await host.writeFile(`${faults}/${program}`, goingWrong(program), { mode: 0o755 });
  }
  await goWrong(host);
  await own(host, 'systemctl', '--user', 'daemon-reload');
}

/** The program that is meant, unless it is called with the command at which it is to go wrong. */
function goingWrong(program: string): string {
  return `#!/bin/sh
read -r moment command < ${faults}/fault
PATH=/usr/bin:/bin
case " $* " in *" $command "*) ;; *) exec ${program} "$@" ;; esac
case $moment in
  before) kill -KILL $PPID ;;
  after) ${program} "$@"; kill -KILL $PPID ;;
  instead) echo 'not now' >&2; exit 1 ;;
esac
`;
}

async function goWrong(
  host: Host,
  moment: 'before' | 'after' | 'instead' | 'never' = 'never',
  command: (typeof commands)[number] | 'none' = 'none',
): Promise<void> {
  await host.writeFile(`${faults}/fault`, `${moment} ${command}\n`);
}

/** As root, who has logged in nowhere, with the commands that may go wrong. */
function own(host: Host, ...argv: readonly string[]): Promise<RunResult> {
  const path = `PATH=${faults}:/usr/local/bin:/usr/bin:/bin`;
  // A shell says of a process that was killed by which signal.
  return host.exec(['env', 'XDG_RUNTIME_DIR=/run/user/0', path, 'sh', '-c', '"$@"; exit $?', 'sh', ...argv]);
}

function daruma(host: Host, ...args: readonly string[]): Promise<RunResult> {
  return own(host, 'node', '/opt/daruma/bin/daruma.cjs', ...args);
}

/** What a fix changes: files with permissions and targets, lingering, and what the manager has made of the files. */
async function standing(host: Host): Promise<object> {
  const listing = `cd /root/.config && find systemd daruma -printf '%p %y %m %u %l\\n' -type f -exec sha256sum {} + | sort`;
  const { stdout: files } = await host.exec(['sh', '-c', listing]);
  const show = ['systemctl', '--user', 'show', '-p', 'Restart,RestartUSec,DropInPaths,NeedDaemonReload'];
  const { stdout: effective } = await own(host, ...show, 'agent');
  const linger = (await host.exec(['test', '-e', '/var/lib/systemd/linger/root'])).code === 0;
  return { files: files.split('\n'), effective, linger };
}
