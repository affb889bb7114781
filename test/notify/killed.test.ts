import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { unpackedRoot } from '../support/root.ts';

/** Kills are as far apart as a start of Node takes, and up to 100 ms of work. */
const kills = 200;

it(`loses nothing when it is killed ${kills} times at any moment, and tells twice at most once for each kill`, async () => {
  const folder = unpackedRoot({});
  const arrived: string[] = [];
  const url = await receiver(arrived);
  const put: string[] = [];
  for (let number = 0; number < kills; number += 1)
    put.push(...(await run(folder, url, 10_000, Math.random() * 100)));
  put.push(...(await run(folder, url, 0)));
  const lost = put.filter(each => !arrived.includes(each));
  const duplicates = arrived.length - new Set(arrived).size;
  expect({ lost, isLoaded: put.length > kills, isWithinBound: duplicates <= kills }).toEqual({
    lost: [],
    isLoaded: true,
    isWithinBound: true,
  });
}, 180_000);

/** @returns the texts that the process knew to be in the outbox */
async function run(
  folder: string,
  url: string,
  count: number,
  lifetimeMs?: number,
): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'killed-process.ts'), folder, url, String(count)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const output = text(child.stdout);
  if (lifetimeMs !== undefined) {
    await once(child.stdout, 'readable');
    await sleep(lifetimeMs);
    child.kill('SIGKILL');
  }
  // A line that the kill cut off says nothing.
  return (await output).split('\n').slice(0, -1);
}

async function receiver(arrived: string[]): Promise<string> {
  const server = http.createServer((request, response) => {
    const note = async () => {
      const texts: unknown = JSON.parse(await text(request));
      if (Array.isArray(texts)) arrived.push(...texts.map(String));
      response.end();
    };
    void note();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : '';
}
