/**
 * The cost of a message about a restart: daruma's hooks compared with the script that this project began with (bash, curl and
 * python3), on a real host with a gateway that answers at once and a local Bot API server.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootHost, type Host } from '../lab/host.ts';
import { waitFor } from '../lab/wait.ts';
import type { Figure } from './figure.ts';
import { median } from './measure.ts';

const turns = 8;
const home = '/home/kuma';
const script = `${import.meta.dirname}/../examples/neko/home/azureuser/.openclaw/scripts/notify-restart.sh`;
/** Address of the receiver, which answers like the Bot API. */
const api = 'http://127.0.0.1:8081';

/**
 * Median time from the restart command until the service counts as started, and processor time from a SIGTERM until the service
 * is up and the message is sent.
 */
export async function* notifyFigures(): AsyncIterable<Figure> {
  await using host = await bootHost({ name: 'neko', users: ['kuma'] });
  await furnish(host);
  const bare = await measure(host, 'bare');
  const seed = await measure(host, 'seed');
  const ours = await measure(host, 'gateway');
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
  await write(
    '.config/daruma/config.yaml',
    `notify: {channels: [{type: telegram, token: "openclaw:channels.telegram", chat: 1, api: "${api}"}]}\n` +
      'units: {gateway: {probe: {http: "http://127.0.0.1:18789/", status: [200, 401]}}}\n',
  );
  const units = {
    server: ['ExecStart=/usr/local/bin/node %h/server.cjs'],
    bare: ['ExecStart=/bin/sleep 100000'],
    seed: ['ExecStart=/bin/sleep 100000', 'ExecStartPost=/bin/bash %h/notify.sh'],
    gateway: ['ExecStart=/bin/sleep 100000'],
  };
  for (const [name, lines] of Object.entries(units)) {
    await write(
      `.config/systemd/user/${name}.service`,
      ['[Unit]', 'StartLimitIntervalSec=0', '[Service]', 'Restart=always', ...lines, ''].join('\n'),
    );
  }
  await userCommand(host, 'systemctl', '--user', 'daemon-reload');
  await userCommand(host, 'systemctl', '--user', 'start', 'server');
  await userCommand(host, 'node', '/opt/daruma/dist/cli/main.js', 'notify', 'install', '--yes', 'gateway');
}

interface Cost {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

async function measure(host: Host, unit: string): Promise<Cost> {
  await userCommand(host, 'systemctl', '--user', 'start', unit);
  const milliseconds: number[] = [];
  const cpuMilliseconds: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await untilQuiet(host, unit);
    const start = performance.now();
    // A manual restart sends no message, and the next fall counts as the first one.
    await userCommand(host, 'systemctl', '--user', 'restart', unit);
    milliseconds.push(performance.now() - start);
    await untilQuiet(host, unit);
    const before = await spentMilliseconds(host);
    await userCommand(host, 'systemctl', '--user', 'kill', unit);
    await sleep(settleMs);
    await untilQuiet(host, unit);
    cpuMilliseconds.push((await spentMilliseconds(host)) - before);
  }
  await userCommand(host, 'systemctl', '--user', 'stop', unit);
  return { milliseconds: median(milliseconds), cpuMilliseconds: median(cpuMilliseconds) };
}

/** Longer than from the SIGTERM to the restart. */
const settleMs = 1_000;

/** Waits until the service is up and no process follows it: then the message is sent. */
async function untilQuiet(host: Host, unit: string): Promise<void> {
  await waitFor(`${unit} to be up and told`, 60_000, async () => {
    const active = await userCommand(host, 'systemctl', '--user', 'show', '-p', 'ActiveState', unit);
    const waiting = await userCommand(host, 'systemctl', '--user', 'list-units', '--plain', 'daruma-await-*');
    return (active.trim() === 'ActiveState=active' && !waiting.includes('.service')) || undefined;
  });
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
