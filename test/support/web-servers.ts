/** The real web servers, where they are installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { isRequired } from './required.ts';

const nginx = '/usr/sbin/nginx';
const isThere = (command: string, ...args: readonly string[]) => spawnSync(command, args).status === 0;

export const hasNginx = isRequired || isThere(nginx, '-v');
export const hasCaddy = isRequired || isThere('caddy', 'version');

/** @param text begins with `http {`; the rest of nginx.conf is added */
export async function startNginx(text: string, port: number): Promise<void> {
  const folder = temporaryFolder();
  const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  );
  const file = path.join(folder, 'nginx.conf');
  const rest = `pid ${folder}/pid; error_log ${folder}/error.log; daemon off; events {}\n`;
  fs.writeFileSync(file, rest + text.replace('http {', `http { access_log off; ${kept.join(' ')}`));
  await started(spawn(nginx, ['-c', file, '-p', folder], { stdio: 'ignore' }), 'SIGQUIT', port);
}

export async function startCaddy(text: string, port: number): Promise<void> {
  const folder = temporaryFolder();
  const file = path.join(folder, 'Caddyfile');
  fs.writeFileSync(file, text);
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const run = ['run', '--config', file, '--adapter', 'caddyfile'];
  await started(spawn('caddy', run, { stdio: 'ignore', env }), 'SIGKILL', port);
}

/** Waits until it answers, and ends it after the test. */
async function started(server: ChildProcess, signal: NodeJS.Signals, port: number): Promise<void> {
  onTestFinished(async () => {
    server.kill(signal);
    await once(server, 'exit');
  });
  for (let tries = 0; tries < 100; tries += 1) {
    const answers = await fetch(`http://127.0.0.1:${port}/ready`).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await wait(50);
  }
  throw new Error('it does not answer');
}

function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-web-server-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}
