/**
 * The cost of a message about a restart: daruma's hooks compared with the script that this project began with (bash, curl and
 * python3), on a real host with a gateway that answers at once and a local Bot API server.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootHost, type Host } from '../lab/host.ts';
import { waitFor } from '../lab/wait.ts';
import type { Figure } from './figure.ts';
import { median, middleMean } from './measure.ts';

const turns = 12;
const home = '/home/kuma';
const script = `${import.meta.dirname}/../examples/neko/home/azureuser/.openclaw/scripts/notify-restart.sh`;
/** Address of the receiver, which answers like the Bot API. */
const api = 'http://127.0.0.1:8081';

/**
 * Median time from the restart command until the service counts as started, and mean processor time from a SIGTERM until the service
 * is up and the message is sent: of one service, and of ten at once.
 */
export async function* notifyFigures(): AsyncIterable<Figure> {
  await using host = await bootHost({ name: 'neko', users: ['kuma'] });
  await furnish(host);
  const bare = await measure(host, ['bare']);
  const seed = await measure(host, ['seed']);
  const ours = await measure(host, ['gateway']);
  const bares = await measure(host, instances('bares'));
  const seeds = await measure(host, instances('seeds'));
  const all = await measure(host, instances('gateways'));
  const peer = 'bash + curl + python3';
  yield {
    what: 'notify: what it adds to a restart',
    unit: 'ms',
    ours: ours.milliseconds - bare.milliseconds,
    peer: { name: peer, value: seed.milliseconds - bare.milliseconds },
    budget: undefined,
  };
  yield {
    what: 'notify: processor time of a fall, a restart and a message',
    unit: 'ms',
    ours: ours.cpuMilliseconds - bare.cpuMilliseconds,
    peer: { name: peer, value: seed.cpuMilliseconds - bare.cpuMilliseconds },
    budget: undefined,
  };
  yield {
    what: `notify: processor time of ${together} falls at once`,
    unit: 'ms',
    ours: all.cpuMilliseconds - bares.cpuMilliseconds,
    peer: { name: peer, value: seeds.cpuMilliseconds - bares.cpuMilliseconds },
    budget: undefined,
  };
}

const together = 10;

function instances(name: string): readonly string[] {
  return Array.from({ length: together }, (_, index) => `${name}-${index}`);
}

const server = `
const http = require('node:http');
const answer = (status, text) => (request, response) => {
  request.resume();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(text);
};
http.createServer(answer(401, '{}')).listen(18789, '127.0.0.1');
http.createServer(answer(200, '{"ok":true,"result":{}}')).listen(8081, '127.0.0.1');
`;

async function furnish(host: Host): Promise<void> {
  const write = (file: string, text: string) => host.writeFile(`${home}/${file}`, text, { user: 'kuma' });
  await write('server.cjs', server);
  await write(
    '.openclaw/openclaw.json',
    '{"channels":{"telegram":{"accounts":{"default":{"botToken":"1:a"}}}}}',
  );
  await write('notify.sh', readFileSync(script, 'utf8').replace('https://api.telegram.org', api));
  const hooked = ['gateway', ...instances('gateways')];
  await write(
    '.config/daruma/config.yaml',
    `notify: {channels: [{type: telegram, token: "openclaw:channels.telegram", chat: 1, api: "${api}"}]}\n` +
      `units: {${hooked.map(name => `${name}: {probe: {http: "http://127.0.0.1:18789/", status: [200, 401]}}`).join(', ')}}\n`,
  );
  const bare = ['ExecStart=/bin/sleep 100000'];
  const seed = [...bare, 'ExecStartPost=/bin/bash %h/notify.sh'];
  const units = new Map([
    ['server', ['ExecStart=/usr/local/bin/node %h/server.cjs']],
    ...['bare', ...instances('bares')].map(name => [name, bare] as const),
    ...['seed', ...instances('seeds')].map(name => [name, seed] as const),
    ...['gateway', ...instances('gateways')].map(name => [name, bare] as const),
  ]);
  for (const [name, lines] of units) {
    await write(
      `.config/systemd/user/${name}.service`,
      ['[Unit]', 'StartLimitIntervalSec=0', '[Service]', 'Restart=always', ...lines, ''].join('\n'),
    );
  }
  await userCommand(host, 'systemctl', '--user', 'daemon-reload');
  await userCommand(host, 'systemctl', '--user', 'start', 'server');
  await userCommand(host, 'node', '/opt/daruma/bin/daruma.cjs', 'notify', 'install', '--yes', ...hooked);
}

interface Cost {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

/** @param units are started, restarted and ended together */
async function measure(host: Host, units: readonly string[]): Promise<Cost> {
  await userCommand(host, 'systemctl', '--user', 'start', ...units);
  const milliseconds: number[] = [];
  const cpuMilliseconds: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await untilQuiet(host, units);
    const start = performance.now();
    // A manual restart sends no message, and the next fall counts as the first one.
    await userCommand(host, 'systemctl', '--user', 'restart', ...units);
    milliseconds.push(performance.now() - start);
    await untilQuiet(host, units);
    const before = await spentMilliseconds(host);
    await userCommand(host, 'systemctl', '--user', 'kill', ...units);
    await sleep(settleMs);
    await untilQuiet(host, units);
    cpuMilliseconds.push((await spentMilliseconds(host)) - before);
  }
  await userCommand(host, 'systemctl', '--user', 'stop', ...units);
  return {
    milliseconds: median(milliseconds), // In ticks of 10 ms: a median would be one of two.
    cpuMilliseconds: middleMean(cpuMilliseconds),
  };
}

/** Longer than from the SIGTERM to the restart. */
const settleMs = 1_000;

/** Waits until all are up and no process takes signs or follows them: then the message is sent. */
async function untilQuiet(host: Host, units: readonly string[]): Promise<void> {
  await waitFor(`${units.join(', ')} to be up and told`, 60_000, async () => {
    const states = await stateOf(host, [...units, 'daruma-outbox.service']);
    const own = states.pop();
    return (states.every(state => state === 'active') && own === 'inactive') || undefined;
  });
}

async function stateOf(host: Host, units: readonly string[]): Promise<string[]> {
  const shown = await userCommand(
    host,
    'systemctl',
    '--user',
    'show',
    '-p',
    'ActiveState',
    '--value',
    ...units,
  );
  return shown.split('\n').filter(line => line !== '');
}

/**
 * Processor time of the user manager and of all its children that have ended: hooks, scripts, followers. Other processes of the
 * machine are not included.
 */
async function spentMilliseconds(host: Host): Promise<number> {
  const manager = 'systemctl show --value -p MainPID user@$(id -u).service';
  const stat = await userCommand(host, 'sh', '-c', `cat /proc/$(${manager})/stat`);
  // proc_pid_stat(5): utime, stime, cutime, cstime are the fields 14 to 17; the second field may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * millisecondsPerTick, 0);
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const millisecondsPerTick = 10;

async function userCommand(host: Host, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.exec(argv, { user: 'kuma' });
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr.trim()}`);
  return stdout;
}
