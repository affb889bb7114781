/**
 * What it costs a service to tell of its restart: daruma's hooks against the script that this project began with
 * (bash, curl and python3), on a real host with a gateway that answers at once and a Bot API server beside it.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootHost, type Host } from '../lab/host.ts';
import type { Figure } from './figure.ts';
import { median } from './measure.ts';

const restarts = 20;
const home = '/home/kuma';
const script = `${import.meta.dirname}/../examples/neko/home/azureuser/.openclaw/scripts/notify-restart.sh`;
/** Of the receiver, whose answer is one of the Bot API. */
const api = 'http://127.0.0.1:8081';

/** Median time from the order to restart until the service counts as started, and processor time for each restart. */
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
    what: 'notify: processor time of a restart and message',
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
    gateway: ['ExecStart=/bin/sleep 100000', 'Restart=always'],
  };
  for (const [name, lines] of Object.entries(units)) {
    await write(
      `.config/systemd/user/${name}.service`,
      ['[Unit]', 'StartLimitIntervalSec=0', '[Service]', ...lines, ''].join('\n'),
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
  await sleep(settleMs);
  const costs: Cost[] = [];
  for (let turn = 0; turn < restarts; turn += 1) {
    const busyBefore = busyMilliseconds();
    const start = performance.now();
    await userCommand(host, 'systemctl', '--user', 'restart', unit);
    const milliseconds = performance.now() - start;
    // What goes on behind the hook belongs to this turn.
    await sleep(settleMs);
    costs.push({ milliseconds, cpuMilliseconds: busyMilliseconds() - busyBefore });
  }
  await userCommand(host, 'systemctl', '--user', 'stop', unit);
  return {
    milliseconds: median(costs.map(cost => cost.milliseconds)),
    cpuMilliseconds: median(costs.map(cost => cost.cpuMilliseconds)),
  };
}

const settleMs = 1_500;

/** Of the whole machine, which should be quiet: hook, manager and what waits are processes of different parents. */
function busyMilliseconds(): number {
  return os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

async function userCommand(host: Host, ...argv: readonly string[]): Promise<void> {
  const { code, stderr } = await host.exec(argv, { user: 'kuma' });
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr.trim()}`);
}
