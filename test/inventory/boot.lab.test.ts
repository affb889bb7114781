import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Host as LabHost } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { formatEnding } from '../../src/restart/ending.ts';
import { everyEnding } from '../../src/restart/every-ending.ts';
import { type Outcome, predictOutcome } from '../../src/restart/outcome.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { writeTree } from '../support/root.ts';
import {
  askedServices,
  busService,
  enabledUnits,
  endedServices,
  keepers,
  systemServices,
  systemUnitFiles,
  unitFiles,
} from './boot-units.ts';

/** What was predicted for one service: by ending. */
type Predictions = ReadonlyMap<string, ReadonlyMap<string, Prediction>>;

interface Prediction {
  readonly possible: boolean;
  readonly restarts: boolean;
  readonly state: string | null;
  readonly onDemand: readonly string[];
  /** The codes of the chain of reasons. */
  readonly because: readonly string[];
}

interface Observed {
  readonly active: string;
  /** Of this run of the unit; empty while it does not run. */
  readonly invocation: string;
}

const isUp = (observed: Observed | undefined) => observed?.active === 'active';

/**
 * kuma lingers, neko does not, and the manager of usagi, who lingers, is restarted when it fails.
 */
const users = ['kuma', 'neko', 'usagi'] as const;

describe.concurrent.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('what daruma predicts', { name: 'boot', systemd }, lab => {
    test('is what happens', { timeout: 180_000 }, async () => {
      const host = await lab.host();
      const wrong: string[] = [];
      const compare = (what: string, predicted: unknown, observed: unknown) => {
        if (JSON.stringify(predicted) !== JSON.stringify(observed)) {
          wrong.push(`${what}: predicted ${JSON.stringify(predicted)}, was ${JSON.stringify(observed)}`);
        }
      };
      const uids = await prepare(host);
      await host.reboot();
      await untilSettled(host, ['kuma', 'usagi']);
      const closeSession = await openSession(host, 'neko');
      await untilSettled(host, ['neko']);

      const predictions = new Map<string, Predictions>();
      for (const user of users) {
        const inside = await predictInside(host, user);
        const outside = await predictOutside(host, user);
        for (const service of askedServices) {
          const endings = new Set([
            ...(inside.get(service)?.keys() ?? []),
            ...(outside.get(service)?.keys() ?? []),
          ]);
          // From outside nobody can see how the control groups are laid out.
          endings.delete('oom');
          for (const ending of endings) {
            const [live, offline] = [inside, outside].map(all => all.get(service)?.get(ending));
            compare(`${user} ${service} ${ending}: from outside`, offline, live);
          }
        }
        predictions.set(user, inside);
      }
      const predicted = (user: string, service: string, ending: string) =>
        predictions.get(user)?.get(service)?.get(ending);

      /** Held against what runs once a manager has started, and what its triggers then bring. */
      const compareBoot = async (user: string, ending: string) => {
        const observed = await observe(host, user);
        for (const service of askedServices) {
          const restarts = predicted(user, service, ending)?.restarts ?? false;
          compare(`${user} ${service} ${ending}`, restarts, isUp(observed.get(service)));
        }
        await callOnDemand(host, user);
        const called = await observe(host, user);
        for (const service of askedServices) {
          if (isUp(observed.get(service))) continue;
          const onDemand = (predicted(user, service, ending)?.onDemand.length ?? 0) > 0;
          compare(`${user} ${service} ${ending}, called`, onDemand, isUp(called.get(service)));
        }
        await asUser(host, user, 'rm -f spool-go');
      };

      // What others hang on falls, and is stopped.
      const others = keepers.map(keeper => `keeper-${keeper}.service`);
      for (const [ending, act] of [
        ['fall-of', 'kill --signal=KILL'],
        ['stop-of', 'stop'],
      ] as const) {
        const before = await observe(host, 'kuma');
        await asUser(host, 'kuma', `systemctl --user ${act} ${others.join(' ')}`);
        // Longer than their RestartSec= and what a busy machine adds.
        await sleep(1500);
        const after = await observe(host, 'kuma');
        for (const service of askedServices.filter(name => !others.includes(name))) {
          const outcomes = others.flatMap(other => predicted('kuma', service, `${ending}:${other}`) ?? []);
          if (outcomes.length === 0 || !isUp(before.get(service))) {
            compare(`${service} ${ending}, not tied`, before.get(service), after.get(service));
            continue;
          }
          const unharmed = outcomes.every(({ because }) => because.at(-1) === 'unharmed-by-fall-of');
          const isSame = before.get(service)?.invocation === after.get(service)?.invocation;
          compare(
            `${service} ${ending}, up`,
            outcomes.every(outcome => outcome.restarts),
            isUp(after.get(service)),
          );
          compare(`${service} ${ending}, unharmed`, unharmed, isSame);
        }
        const up = [...before].filter(([, observed]) => isUp(observed)).map(([name]) => name);
        // Those that until 253 came up at boot without what they require cannot be started by hand.
        await asUser(host, 'kuma', `systemctl --user start ${up.join(' ')} 2>/dev/null || :`);
      }

      // Killed and stopped by themselves; in between nobody calls for them.
      for (const [ending, act] of [
        ['signal:SIGKILL', 'kill --signal=KILL'],
        ['stop', 'stop'],
      ] as const) {
        const names = endedServices.join(' ');
        await asUser(host, 'kuma', `systemctl --user start ${names}; systemctl --user ${act} ${names}`);
        await sleep(500);
        const after = await observe(host, 'kuma', endedServices);
        for (const service of endedServices) {
          compare(
            `${service} ${ending}`,
            predicted('kuma', service, ending)?.restarts,
            isUp(after.get(service)),
          );
        }
      }
      await callOnDemand(host, 'kuma');
      const called = await observe(host, 'kuma');
      for (const service of endedServices.filter(
        name => predicted('kuma', name, 'stop')?.restarts === false,
      )) {
        for (const ending of ['signal:SIGKILL', 'stop']) {
          const onDemand = (predicted('kuma', service, ending)?.onDemand.length ?? 0) > 0;
          compare(`${service} ${ending}, called`, onDemand, isUp(called.get(service)));
        }
      }
      await asUser(host, 'kuma', 'rm -f spool-go');

      // The last session of each ends.
      const beforeLogout = await observe(host, 'kuma');
      await (await openSession(host, 'kuma'))();
      await closeSession();
      await waitFor('the manager of neko to end', 15_000, async () => {
        const { stdout } = await host.exec(['systemctl', 'is-active', `user@${uids.get('neko')}.service`]);
        return stdout.trim() === 'inactive' || undefined;
      });
      const afterLogout = await observe(host, 'kuma');
      for (const service of askedServices) {
        compare(`neko ${service} logout`, predicted('neko', service, 'logout')?.restarts ?? false, false);
        if (!isUp(beforeLogout.get(service))) continue;
        compare(`kuma ${service} logout`, predicted('kuma', service, 'logout')?.restarts, true);
        compare(`kuma ${service} logout`, beforeLogout.get(service), afterLogout.get(service));
      }

      // The managers are killed.
      for (const user of ['kuma', 'usagi']) {
        await host.exec([
          'systemctl',
          'kill',
          '--kill-who=main',
          '--signal=KILL',
          `user@${uids.get(user)}.service`,
        ]);
      }
      await sleep(1000);
      await untilSettled(host, ['usagi']);
      const { stdout } = await host.exec(['systemctl', 'is-active', `user@${uids.get('kuma')}.service`]);
      compare('the manager of kuma', 'failed', stdout.trim());
      for (const service of askedServices) {
        compare(
          `kuma ${service} manager-kill`,
          predicted('kuma', service, 'manager-kill')?.restarts ?? false,
          false,
        );
      }
      await compareBoot('usagi', 'manager-kill');

      await host.reboot();
      await untilSettled(host, ['kuma', 'usagi']);
      for (const user of ['kuma', 'usagi']) await compareBoot(user, 'reboot');
      const ofNeko = await host.exec(['systemctl', 'is-active', `user@${uids.get('neko')}.service`]);
      compare('the manager of neko', 'inactive', ofNeko.stdout.trim());
      for (const service of askedServices) {
        compare(`neko ${service} reboot`, predicted('neko', service, 'reboot')?.restarts ?? false, false);
      }

      // Sessions do not matter to the system's services, and a boot starts those that its own targets pull in.
      const system = await predictInside(host, 'root', ['--system', ...systemServices]);
      for (const service of systemServices) {
        const active = await host.exec(['systemctl', 'is-active', service]);
        const outcomes = system.get(service);
        compare(`${service} reboot`, outcomes?.get('reboot')?.restarts, active.stdout.trim() === 'active');
        compare(`${service} logout`, outcomes?.get('logout')?.restarts, true);
      }
      await mustRun(
        host,
        `node -e 'require("net").connect("/run/sys-sock").on("connect", () => process.exit())'`,
      );
      for (const service of systemServices.filter(
        name => system.get(name)?.get('reboot')?.restarts === false,
      )) {
        const active = await host.exec(['systemctl', 'is-active', service]);
        const onDemand = (system.get(service)?.get('reboot')?.onDemand.length ?? 0) > 0;
        compare(`${service} reboot, called`, onDemand, active.stdout.trim() === 'active');
      }

      // One link to a unit that is gone, and there is no default.target.
      const tora = await predictOutside(host, 'tora');
      const ofTora = await host.exec(['systemctl', '--user', 'is-active', 'own.service'], { user: 'tora' });
      compare(
        'tora own.service reboot',
        tora.get('own.service')?.get('reboot')?.restarts,
        ofTora.stdout === 'active\n',
      );
      expect(wrong).toEqual([]);
    });
  });
});

/** Makes the users and their units. */
async function prepare(host: LabHost): Promise<ReadonlyMap<string, string>> {
  await mustRun(
    host,
    `mkdir -p /etc/systemd/logind.conf.d
     printf '[Login]\\nUserStopDelaySec=1s\\n' > /etc/systemd/logind.conf.d/soon.conf`,
  );
  const uids = new Map<string, string>();
  for (const user of [...users, 'tora']) {
    await mustRun(host, `useradd --create-home --shell=/bin/bash ${user}`);
    writeTree(`${host.rootDir}/home/${user}/.config/systemd/user`, unitFiles);
    writeTree(`${host.rootDir}/home/${user}/.local/share/dbus-1/services`, { 'called.service': busService });
    uids.set(user, (await mustRun(host, `chown -R ${user}: /home/${user}; id -u ${user}`)).trim());
    await asUser(
      host,
      user,
      `SYSTEMD_OFFLINE=1 systemctl --user enable --quiet ${enabledUnits.join(' ')} 2>&1`,
    );
  }
  writeTree(`${host.rootDir}/home/tora/.config/systemd/user`, {
    'default.target.requires/gone.service': { link: '../gone.service' },
  });
  writeTree(`${host.rootDir}/etc/systemd/system`, systemUnitFiles);
  const toEnable = Object.entries(systemUnitFiles).flatMap(([name, text]) =>
    typeof text === 'string' && text.includes('[Install]') ? [name] : [],
  );
  await mustRun(host, `SYSTEMD_OFFLINE=1 systemctl enable --quiet ${toEnable.join(' ')} 2>&1`);
  await mustRun(
    host,
    `cd /var/lib/systemd/linger; touch kuma usagi tora
     mkdir -p /etc/systemd/system/user@${uids.get('usagi')}.service.d
     printf '[Service]\\nRestart=on-failure\\n' > /etc/systemd/system/user@${uids.get('usagi')}.service.d/up.conf`,
  );
  return uids;
}

/** @returns what closes it again */
async function openSession(host: LabHost, user: string): Promise<() => Promise<void>> {
  const unit = `session-of-${user}`;
  await mustRun(host, `systemd-run --quiet --unit=${unit} su - ${user} -c 'exec sleep 4711'`);
  await waitFor(`a session of ${user}`, 15_000, async () => {
    const { code } = await host.exec(['pgrep', '--euid', user, '--full', '--exact', 'sleep 4711']);
    return code === 0 || undefined;
  });
  return async () => {
    await mustRun(host, `systemctl stop ${unit}`);
  };
}

async function untilSettled(host: LabHost, of: readonly string[]): Promise<void> {
  for (const user of of) {
    await waitFor(`the manager of ${user}`, 20_000, async () => {
      const asked = await host.exec(['systemctl', '--user', 'is-system-running', '--wait'], { user });
      return ['running', 'degraded'].includes(asked.stdout.trim()) || undefined;
    });
  }
}

async function predictInside(host: LabHost, user: string, asked = askedServices): Promise<Predictions> {
  const { stdout, stderr } = await host.exec(
    ['node', '/opt/daruma/bin/daruma.cjs', 'explain', '--json', ...asked],
    { user },
  );
  if (stdout === '') throw new Error(stderr);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the documented answer
  const { units } = JSON.parse(stdout) as {
    units: readonly {
      unit: string;
      outcomes: readonly (Omit<Prediction, 'because'> & {
        on: string;
        because: readonly { code: string }[];
      })[];
    }[];
  };
  return new Map(
    units.map(({ unit, outcomes }) => [
      unit,
      new Map(
        outcomes.map(({ on, possible, restarts, state, onDemand, because }) => [
          on,
          { possible, restarts, state, onDemand, because: because.map(({ code }) => code) },
        ]),
      ),
    ]),
  );
}

async function predictOutside(host: LabHost, user: string): Promise<Predictions> {
  const offline = openOfflineHost({ root: host.rootDir, home: `/home/${user}`, scope: 'user' });
  const inventory = await takeInventory(offline);
  const predictions = new Map<string, ReadonlyMap<string, Prediction>>();
  for await (const { service, factsNow: facts } of inventory.services(askedServices)) {
    const outcomes: readonly Outcome[] =
      facts === undefined
        ? []
        : everyEnding(facts).map(ending => predictOutcome(facts, ending, inventory.machine));
    predictions.set(
      service.unit.name,
      new Map(
        outcomes.map(({ on, possible, restarts, state, onDemand, because }) => [
          formatEnding(on),
          {
            possible,
            restarts,
            state,
            onDemand: onDemand.map(trigger => trigger.name),
            because: because.map(({ code }) => code),
          },
        ]),
      ),
    );
  }
  return predictions;
}

async function observe(
  host: LabHost,
  user: string,
  services = askedServices,
): Promise<ReadonlyMap<string, Observed>> {
  const properties = ['Id', 'ActiveState', 'InvocationID'].map(property => `--property=${property}`);
  const shown = await asUser(
    host,
    user,
    `systemctl --user show ${properties.join(' ')} -- ${services.join(' ')}`,
  );
  return new Map(
    shown
      .trim()
      .split('\n\n')
      .map(block => {
        const values = new Map(
          block.split('\n').map(line => [line.split('=')[0] ?? '', line.split('=')[1] ?? ''] as const),
        );
        const active = values.get('ActiveState') ?? '';
        const invocation = active === 'active' ? (values.get('InvocationID') ?? '') : '';
        return [values.get('Id') ?? '', { active, invocation }];
      }),
  );
}

/** Calls every socket and bus name, makes the file that is waited for, and lets the timers elapse. */
async function callOnDemand(host: LabHost, user: string): Promise<void> {
  await asUser(
    host,
    user,
    `touch spool-go
     cd $XDG_RUNTIME_DIR
     node -e 'for (const name of process.argv.slice(1)) require("net").connect(name).on("error", () => {}).on("connect", function () { this.destroy() })' sock other deaf accepting mute given
     for timer in tick.timer beat@x.timer; do
       systemctl --user is-active --quiet $timer || continue
       mkdir -p $XDG_RUNTIME_DIR/systemd/user/$timer.d
       printf '[Timer]\\nOnActiveSec=\\nOnActiveSec=1ms\\nAccuracySec=1ms\\n' > $XDG_RUNTIME_DIR/systemd/user/$timer.d/now.conf
     done
     systemctl --user daemon-reload
     systemctl --user try-restart tick.timer beat@x.timer
     rm -r $XDG_RUNTIME_DIR/systemd/user/*.timer.d
     busctl --user call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus StartServiceByName su org.example.Called 0 >/dev/null 2>&1 &
     sleep 0.5
     kill $! 2>/dev/null || :
     systemctl --user daemon-reload`,
  );
}

async function asUser(host: LabHost, user: string, script: string): Promise<string> {
  return mustRun(host, script, user);
}

async function mustRun(host: LabHost, script: string, user = 'root'): Promise<string> {
  const { stdout, stderr, code } = await host.exec(['sh', '-c', script], { user });
  if (code !== 0) throw new Error(`${script}: ${stdout}${stderr}`);
  return stdout;
}
