import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Incident } from '../../src/notify/incident.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { makeSpool } from '../../src/notify/spool.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { unpackedRoot } from '../support/root.ts';

const kills = 200;
const signsForEach = 5;
const unit = 'a.service';

it(`each sign is stored once although who takes them is killed ${kills} times at any moment`, async () => {
  const folder = unpackedRoot({});
  const spool = makeSpool(folder);
  openStore(folder).close();
  const usualMs = takeAll(folder);
  let written = 0;
  for (let number = 0; number < kills; number += 1) {
    for (let each = 0; each < signsForEach; each += 1) {
      written += 1;
      const invocation = written.toString(16).padStart(32, '0');
      const lines = ['daruma-sign 1', 'started', unit, '', '', '', invocation, 'end'];
      fs.writeFileSync(path.join(spool, `${invocation}.1`), `${lines.join('\n')}\n`);
    }
    await takeAndKill(folder, usualMs * (0.5 + Math.random() * 0.6));
  }
  takeAll(folder);
  const database = openStore(folder);
  const stored = new Incidents<Sign, Incident>(database)
    .waitingSigns(unit)
    .map(({ sign }) => sign.invocation);
  const remembered = database.prepare('SELECT count(*) AS files FROM taken_file').get();
  database.close();
  expect({ stored: stored.length, different: new Set(stored).size }).toEqual({
    stored: written,
    different: written,
  });
  expect(fs.readdirSync(spool)).toEqual([]);
  expect(remembered).toEqual({ files: 0 });
}, 600_000);

const taker = path.join(import.meta.dirname, 'killed-taker.ts');

/** @returns how long it took */
function takeAll(folder: string): number {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [taker, folder], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return performance.now() - startMs;
}

async function takeAndKill(folder: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [taker, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  await once(child, 'close');
  clearTimeout(timer);
}
