/**
 * Rules of systemd that the model of one service's end has no words for, or leaves to others: seen on real systemds, so
 * that a new version which breaks one is noticed.
 */
import { describe, expect, test } from 'vitest';
import { allowNames, busNameLine, busNameOf } from '../../lab/conformance/bus.ts';
import { installUnit } from '../../lab/conformance/case.ts';
import { installActor, installScripts } from '../../lab/conformance/install-actor.ts';
import { readNotes, showUnits } from '../../lab/conformance/observation.ts';
import type { Host } from '../../lab/host.ts';
import { describeLab, versionsAtHand } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

describe.each(versionsAtHand())('systemd %s', systemd => {
  describeLab('of a host', systemd === undefined ? {} : { systemd }, lab => {
    const timeout = 60_000;
    /** For a state in which a unit then stays. */
    const patience = { timeout: 20_000 };

    test('Requires= and PartOf= units are restarted with what they need, BindsTo= units stay down unless it wants them', {
      timeout,
    }, async () => {
      const host = await lab.host();
      await give(host, 'k', 'Restart=always\nRestartSec=300ms', 'hang', 'Wants=wanted.service');
      await give(host, 'requires', '', 'hang', 'Requires=k.service\nAfter=k.service');
      await give(host, 'part-of', '', 'hang', 'PartOf=k.service\nAfter=k.service');
      await give(host, 'wants', '', 'hang', 'Wants=k.service\nAfter=k.service');
      await give(host, 'binds-to', 'Restart=always', 'hang', 'BindsTo=k.service\nAfter=k.service');
      await give(host, 'wanted', '', 'hang', 'BindsTo=k.service\nAfter=k.service');
      await systemctl(host, 'start', 'k', 'requires', 'part-of', 'wants', 'binds-to');
      for (const name of ['k', 'requires', 'part-of', 'wants', 'binds-to', 'wanted']) {
        await untilStarted(host, name, 1);
      }
      await systemctl(host, 'kill', '--signal=KILL', 'k');
      await untilStarted(host, 'requires', 2);
      await untilStarted(host, 'part-of', 2);
      await untilDone(host);
      expect(startsOf(host, 'part-of')).toBe(2);
      expect(startsOf(host, 'wants')).toBe(1);
      expect(startsOf(host, 'binds-to')).toBe(1);
      expect(startsOf(host, 'wanted')).toBe(2);
      expect(await stateOf(host, 'binds-to')).toBe('inactive/dead success');
    });

    test('a stop that comes from another unit goes wrong as any other does', { timeout }, async () => {
      const host = await lab.host();
      const unclean = 'Restart=always\nKillSignal=SIGUSR1';
      await give(host, 'other', '', 'hang');
      await give(host, 'fallen', '', 'hang');
      await give(host, 'stopped-with', unclean, 'hang', 'PartOf=other.service\nAfter=other.service');
      await give(host, 'fallen-with', unclean, 'hang', 'BindsTo=fallen.service\nAfter=fallen.service');
      await systemctl(host, 'start', 'other', 'fallen', 'stopped-with', 'fallen-with');
      await systemctl(host, 'stop', 'other');
      await systemctl(host, 'kill', '--signal=KILL', 'fallen');
      await expect.poll(() => stateOf(host, 'stopped-with'), patience).toBe('failed/failed signal');
      await expect.poll(() => stateOf(host, 'fallen-with'), patience).toBe('failed/failed signal');
    });

    test('OnFailure= is triggered at the last failure, from 254 on at every one', { timeout }, async () => {
      const host = await lab.host();
      await give(host, 'noted', 'Type=oneshot', 'exit:0', 'StartLimitBurst=0');
      await give(
        host,
        'fails',
        'Restart=always\nRestartSec=500ms',
        'exit:1',
        'OnFailure=noted.service\nStartLimitBurst=3',
      );
      await systemctl(host, 'start', 'fails');
      await untilStarted(host, 'fails', 3);
      await waitFor('the limit', 20_000, async () =>
        (await stateOf(host, 'fails')).startsWith('failed/failed') ? true : undefined,
      );
      const told = host.systemd < 254 ? 1 : 4;
      await untilStarted(host, 'noted', told);
      await untilDone(host);
      expect(startsOf(host, 'noted')).toBe(told);
    });

    test('manual starts share the start limit; reset-failed resets it', { timeout }, async () => {
      const host = await lab.host();
      const limit = 'StartLimitBurst=2\nStartLimitIntervalSec=infinity';
      await give(host, 'manual', 'Type=oneshot\nRemainAfterExit=yes', 'exit:0', limit);
      const starts = [];
      for (let start = 1; start <= 3; start += 1) starts.push(await systemctl(host, 'restart', 'manual'));
      await systemctl(host, 'reset-failed', 'manual');
      expect([...starts, await systemctl(host, 'start', 'manual')]).toEqual([0, 0, 1, 0]);
    });

    test('a unit that nobody refers to is forgotten after a success, and its start limit with it', {
      timeout,
    }, async () => {
      const host = await lab.host();
      await give(
        host,
        'forgotten',
        'Type=oneshot',
        'exit:0',
        'StartLimitBurst=1\nStartLimitIntervalSec=infinity',
      );
      expect(await systemctl(host, 'start', 'forgotten')).toBe(0);
      await waitFor('it to be forgotten', 20_000, async () => {
        // What is only listed is not loaded for that.
        const { stdout } = await host.exec([
          'systemctl',
          'list-units',
          '--all',
          '--no-legend',
          'forgotten.service',
        ]);
        return stdout.trim() === '' ? true : undefined;
      });
      expect(await systemctl(host, 'start', 'forgotten')).toBe(0);
    });

    test('daemon-reload resets the start limit up to 254', { timeout }, async () => {
      const host = await lab.host();
      await give(
        host,
        'reloaded',
        'Type=oneshot\nRemainAfterExit=yes',
        'exit:0',
        'StartLimitBurst=2\nStartLimitIntervalSec=infinity',
      );
      await systemctl(host, 'restart', 'reloaded');
      await systemctl(host, 'restart', 'reloaded');
      await systemctl(host, 'daemon-reload');
      expect(await systemctl(host, 'restart', 'reloaded')).toBe(host.systemd < 255 ? 0 : 1);
    });

    test('a missing EnvironmentFile= is a lack of resources, and restarts', { timeout }, async () => {
      const host = await lab.host();
      await give(
        host,
        'environment',
        'EnvironmentFile=/nowhere\nRestart=on-abnormal\nRestartSec=30',
        'exit:0',
      );
      await systemctl(host, 'start', 'environment');
      expect(await stateOf(host, 'environment')).toBe('activating/auto-restart resources');
    });

    test('a notify service that ends well before it is ready has broken the protocol', {
      timeout,
    }, async () => {
      const host = await lab.host();
      await give(host, 'early-exit', 'Type=notify\nRestart=on-abnormal\nRestartSec=30', 'sleep:200 exit:0');
      await give(host, 'early-term', 'Type=notify\nRestart=on-abnormal\nRestartSec=30', 'sleep:200 kill:15');
      await systemctl(host, 'start', 'early-exit', 'early-term');
      expect(await stateOf(host, 'early-exit')).toBe('activating/auto-restart protocol');
      expect(await stateOf(host, 'early-term')).toBe('activating/auto-restart protocol');
    });

    test('ExecReload= fails: the service goes on', { timeout }, async () => {
      const host = await lab.host();
      await give(host, 'reload', 'ExecReload=/bin/false\nRestart=always', 'hang');
      await systemctl(host, 'start', 'reload');
      expect(await systemctl(host, 'reload', 'reload')).toBe(1);
      expect(await stateOf(host, 'reload')).toBe('active/running success');
    });

    test('ExecStop= or ExecStopPost= fails after a clean exit: exit-code, restart; "-" helps', {
      timeout,
    }, async () => {
      const host = await lab.host();
      const restart = 'Restart=on-failure\nRestartSec=30';
      await give(host, 'stop-fails', `ExecStop=/bin/false\n${restart}`, 'sleep:200 exit:0');
      await give(host, 'post-fails', `ExecStopPost=/bin/false\n${restart}`, 'sleep:200 exit:0');
      await give(host, 'post-excused', `ExecStopPost=-/bin/false\n${restart}`, 'sleep:200 exit:0');
      await systemctl(host, 'start', 'stop-fails', 'post-fails', 'post-excused');
      await expect
        .poll(() => stateOf(host, 'stop-fails'), patience)
        .toBe('activating/auto-restart exit-code');
      await expect
        .poll(() => stateOf(host, 'post-fails'), patience)
        .toBe('activating/auto-restart exit-code');
      await expect.poll(() => stateOf(host, 'post-excused'), patience).toBe('inactive/dead success');
    });

    test('a stop that goes wrong leaves a failed unit, and no restart', { timeout }, async () => {
      const host = await lab.host();
      await give(host, 'deaf', 'Restart=always\nTimeoutStopSec=1', 'ignore:15 hang');
      await give(host, 'bad-stop', 'Restart=always\nExecStop=/bin/false', 'hang');
      await systemctl(host, 'start', 'deaf', 'bad-stop');
      await untilDeaf(host, 'deaf');
      await systemctl(host, 'stop', 'deaf', 'bad-stop');
      await untilDone(host);
      expect(await stateOf(host, 'deaf')).toBe('failed/failed timeout');
      expect(await stateOf(host, 'bad-stop')).toBe('failed/failed exit-code');
    });

    test('children that ignore SIGTERM turn a clean exit into a time-out', { timeout }, async () => {
      const host = await lab.host();
      await give(
        host,
        'parent',
        'TimeoutStopSec=1\nRestart=on-failure\nRestartSec=30',
        'ignore:15 child sleep:300 exit:0',
      );
      await systemctl(host, 'start', 'parent');
      await expect.poll(() => stateOf(host, 'parent'), patience).toBe('activating/auto-restart timeout');
    });

    test('a dbus service that loses its name is stopped, which is a success, or left alone as if it had ended', {
      timeout,
    }, async () => {
      const host = await lab.host();
      await allowNames(host);
      const dbus = `Type=dbus\n${busNameLine}\nRestart=on-failure\nRestartSec=300ms`;
      const script = (id: string) => `name:${busNameOf(id)} sleep:300 drop hang`;
      await give(
        host,
        'nameless',
        `${dbus}\nExecStop=/bin/touch /run/told-to-stop`,
        script('nameless.service'),
      );
      await give(host, 'left-alone', `${dbus}\nRemainAfterExit=yes`, script('left-alone.service'));
      // A start is done when the name is there.
      expect(await systemctl(host, 'start', 'nameless', 'left-alone')).toBe(0);
      await expect.poll(() => stateOf(host, 'nameless'), patience).toBe('inactive/dead success');
      await expect.poll(() => stateOf(host, 'left-alone'), patience).toBe('active/exited success');
      await untilRestartsAreOver(host, '300ms');
      expect(await stateOf(host, 'nameless')).toBe('inactive/dead success');
      expect(startsOf(host, 'nameless')).toBe(1);
      expect((await host.exec(['test', '-e', '/run/told-to-stop'])).code).toBe(0);
      expect((await host.exec(['pgrep', '--full', 'act left-alone.service'])).code).toBe(0);
    });

    test('a stop while it waits for its restart ends that', { timeout }, async () => {
      const host = await lab.host();
      await give(host, 'waiting', 'Restart=always\nRestartSec=1', 'exit:0');
      await systemctl(host, 'start', 'waiting');
      await expect.poll(() => stateOf(host, 'waiting'), patience).toBe('activating/auto-restart success');
      await systemctl(host, 'stop', 'waiting');
      const starts = startsOf(host, 'waiting');
      await untilRestartsAreOver(host, '1s');
      expect(await stateOf(host, 'waiting')).toBe('inactive/dead success');
      expect(startsOf(host, 'waiting')).toBe(starts);
    });
  });
});

/** A unit whose main process follows a script. */
async function give(host: Host, name: string, service: string, script: string, unit = ''): Promise<void> {
  const id = `${name}.service`;
  const fragment = `[Unit]\n${unit}\n[Service]\nExecStart=/opt/actor/act %n main\n${service}\n`;
  installActor(host.rootDir);
  installUnit(host.rootDir, 'system', id, { fragment, dropIns: {}, ending: 'stop', lifetimeMs: 0 });
  installScripts(host.rootDir, id, new Map([['main', script]]));
  await systemctl(host, 'daemon-reload');
}

async function untilStarted(host: Host, name: string, times: number): Promise<void> {
  await waitFor(`start ${times} of ${name}`, 20_000, () =>
    startsOf(host, name) >= times ? true : undefined,
  );
}

/** Waits until nothing is left to do that was to be done before: jobs wait for each other, and this one is the last. */
async function untilDone(host: Host): Promise<void> {
  await waitFor('every job to be done', 20_000, async () => {
    const { stdout } = await host.exec(['systemctl', 'list-jobs', '--no-legend']);
    return stdout.trim() === '' ? true : undefined;
  });
  await host.exec(['systemd-run', '--quiet', '--wait', '/bin/true']);
}

let markers = 0;

/** Waits until a service that has ended only now has been started again: what ended before it would have been by then. */
async function untilRestartsAreOver(host: Host, restartSec: string): Promise<void> {
  markers += 1;
  const name = `marker-${markers}`;
  await give(host, name, `Restart=always\nRestartSec=${restartSec}`, 'exit:0', 'StartLimitIntervalSec=0');
  await systemctl(host, 'start', name);
  await untilStarted(host, name, 2);
  await systemctl(host, 'stop', name);
  await untilDone(host);
}

/** Waits until the main process ignores SIGTERM (proc_pid_status(5), SigIgn). */
async function untilDeaf(host: Host, name: string): Promise<void> {
  const script = `grep -q '^SigIgn:.*[4-7c-f]...$' /proc/$(systemctl show -P MainPID ${name})/status`;
  await waitFor(`${name} to ignore SIGTERM`, 20_000, async () =>
    (await host.exec(['sh', '-c', script])).code === 0 ? true : undefined,
  );
}

/** The exit status of `systemctl`. */
async function systemctl(host: Host, ...args: readonly string[]): Promise<number> {
  return (await host.exec(['systemctl', ...args])).code;
}

/** `ActiveState/SubState Result`. */
async function stateOf(host: Host, name: string): Promise<string> {
  const shown = await showUnits(host, [{ unit: `${name}.service`, scope: 'system' }]);
  const { ActiveState, SubState, Result } = shown.get(`${name}.service`) ?? {};
  return `${ActiveState}/${SubState} ${Result}`;
}

function startsOf(host: Host, name: string): number {
  return readNotes(host, `${name}.service`).filter(note => note.what === 'start').length;
}
