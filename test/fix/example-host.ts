/** A real host on which an example lives in a user's home, with stand-ins at the paths of its programs. */
import { expect } from 'vitest';
import type { Host } from '../../lab/host.ts';
import type { RunResult } from '../../lab/run.ts';
import { waitFor } from '../../lab/wait.ts';

/** The services of the examples, and where they listen. */
export const services = ['litellm', 'copilot-api', 'openclaw-gateway'];
export const ports = ['4000', '4141', '18789'];

const ownCode = '/opt/daruma/test/fix';

/** One user of a host, in whose home an example is. */
export interface ExampleHost {
  readonly host: Host;
  readonly user: string;
  readonly home: string;
}

/** Installs `examples/NAME` as the home of a user that is there already; nothing is started. */
export async function installExample(host: Host, example: string, user: string): Promise<ExampleHost> {
  const home = `/home/${user}`;
  const there: ExampleHost = { host, user, home };
  await asRoot(host, 'cp', '-a', `/opt/daruma/examples/${example}${home}/.`, home);
  await asRoot(host, 'ln', '-sf', '/usr/local/bin/node', '/usr/bin/node');
  const programs = [
    `${home}/.local/bin/litellm`,
    `${home}/.local/bin/copilot-api`,
    '/usr/lib/node_modules/openclaw/dist/index.js',
    '/usr/local/bin/curl',
  ];
  for (const program of programs) {
    await asRoot(host, 'install', '-D', '-m', '755', `${ownCode}/stand-in.cjs`, program);
  }
  await asRoot(host, 'chown', '-R', `${user}:`, home);
  return there;
}

export async function asRoot(host: Host, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.exec(argv);
  expect({ argv, code, stderr }).toEqual({ argv, code: 0, stderr: '' });
  return stdout;
}

export function exec({ host, user }: ExampleHost, ...argv: readonly string[]): Promise<RunResult> {
  return host.exec(argv, { user });
}

/** Runs the checkout's daruma as the user. */
export function daruma(there: ExampleHost, ...args: readonly string[]): Promise<RunResult> {
  return exec(there, 'node', '/opt/daruma/bin/daruma.cjs', ...args);
}

/** Waits until every service answers on its port and is active; the arguments and the answer as of `untilAnswered`. */
export async function untilUp(there: ExampleHost, old: readonly string[] = []): Promise<readonly string[]> {
  const pids = await untilAnswered(there, old);
  await waitFor('every service to be active', 30_000, async () => {
    const states = await show(there, 'ActiveState');
    return states.every(state => state === 'active') || undefined;
  });
  return pids;
}

/**
 * Waits until a process answers on every port.
 *
 * @param old processes that must be gone
 * @returns those that answer, in the order of `services`
 */
export async function untilAnswered(
  there: ExampleHost,
  old: readonly string[] = [],
): Promise<readonly string[]> {
  const wanted = ports.map((port, index) => (old[index] === undefined ? port : `${port}=${old[index]}`));
  const command = ['node', `${ownCode}/ask.cjs`, 'until-new', '150', ...wanted];
  const answered = await there.host.exec(command, { user: there.user, timeoutMs: 160_000 });
  expect(answered).toMatchObject({ code: 0, stderr: '' });
  return answered.stdout.trim().split(' ');
}

/** Asks every service to exit with a status. */
export async function askToExit(there: ExampleHost, status: string): Promise<void> {
  await exec(there, 'node', `${ownCode}/ask.cjs`, 'get', ...ports.map(port => `${port}/exit/${status}`));
}

/** What the manager says of a property, one for each service. */
export async function show(there: ExampleHost, property: string): Promise<readonly string[]> {
  const { stdout } = await exec(there, 'systemctl', '--user', 'show', '--value', '-p', property, ...services);
  return stdout.trim().split(/\n+/);
}

/** What `systemctl is-enabled` says of each service. */
export async function isEnabled(there: ExampleHost): Promise<readonly string[]> {
  const { stdout } = await exec(there, 'systemctl', '--user', 'is-enabled', ...services);
  return stdout.trim().split('\n');
}

export function all(value: string): readonly string[] {
  return services.map(() => value);
}

/**
 * Everything that a fix may change and an undo has to bring back: each file, folder and link of the home with its kind,
 * permissions, owner, target and content, but for daruma's own records; the enablement; lingering.
 */
export async function snapshot(there: ExampleHost): Promise<object> {
  const { host, user, home } = there;
  const listing = `cd ${home} && find .config .openclaw -printf '%p %y %m %u %l\\n' -type f -exec sha256sum {} + | sort`;
  return {
    files: (await asRoot(host, 'sh', '-c', listing)).split('\n'),
    enabled: await isEnabled(there),
    linger: await lingers(host, user),
  };
}

/** By the file that logind keeps, which also tells of users who are not logged in. */
export async function lingers(host: Host, user: string): Promise<boolean> {
  return (await host.exec(['test', '-e', `/var/lib/systemd/linger/${user}`])).code === 0;
}

/** Falls that leave a service down by `daruma status`, but for those that no unit of the user's can cover. */
export async function uncovered(there: ExampleHost): Promise<readonly string[]> {
  const { stdout } = await daruma(there, 'status', '--json');
  const { units }: { units: readonly { unit: string; falls: Record<string, { getsUp: unknown }> }[] } =
    JSON.parse(stdout);
  expect(units).toHaveLength(services.length);
  return units.flatMap(({ unit, falls }) =>
    Object.entries(falls)
      // A hang takes a probe, the user manager's own unit an administrator.
      .filter(([fall, { getsUp }]) => getsUp !== true && fall !== 'hang' && fall !== 'managerKill')
      .map(([fall]) => `${unit} ${fall}`),
  );
}
