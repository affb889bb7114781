import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { unpackedRoot } from '../support/root.ts';

/** Kills are as far apart as a start of Node takes, one to three messages, and up to 30 ms more. */
const kills = 200;

it(`loses nothing when it is killed ${kills} times at any moment, and tells twice at most once for each kill`, async () => {
  const folder = unpackedRoot({});
  const arrived: string[] = [];
  const url = await receiver(arrived);
  const put: string[] = [];
  for (let number = 0; number < kills; number += 1)
    put.push(
      ...(await run(folder, url, 10_000, { messages: 1 + (number % 3), afterMs: Math.random() * 30 })),
    );
  put.push(...(await run(folder, url, 0)));
  const lost = put.filter(each => !arrived.includes(each));
  const duplicates = arrived.length - new Set(arrived).size;
  expect({ lost, isLoaded: put.length > kills, isWithinBound: duplicates <= kills }).toEqual({
    lost: [],
    isLoaded: true,
    isWithinBound: true,
  });
}, 600_000);

/** When a process is killed: so many messages that it is known to have put in, and a while. */
interface Kill {
  readonly messages: number;
  readonly afterMs: number;
}

/** @returns the texts that the process knew to be in the outbox */
async function run(folder: string, url: string, count: number, kill?: Kill): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'killed-process.ts'), folder, url, String(count)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  // A line that the kill cut off says nothing.
  const lines = () => output.split('\n').slice(0, -1);
  let isDoomed = false;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    output += part;
    if (kill === undefined || isDoomed || lines().length < kill.messages) return;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
  });
  await once(child, 'close');
  return lines();
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
