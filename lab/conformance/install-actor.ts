/** Installs the actor (`actor.c`) and its scripts in the root of a host. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../root-file-system.ts';
import { actorPath } from './actor.ts';

const source = fileURLToPath(new URL('actor.c', import.meta.url));

/** Installs the actor in the root of a host. It is built once with the C compiler of the machine and kept in the lab's cache. */
export function installActor(root: string): void {
  const folders = ['scripts', 'log', 'run'].map(name => join(root, 'opt/actor', name));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  chmodSync(join(root, 'opt/actor/run'), 0o1777);
  const actor = join(root, actorPath);
  if (!existsSync(actor)) copyFileSync(builtActor(), actor);
}

function builtActor(): string {
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const binary = join(cacheFolder(), `actor-${hash}`);
  if (!existsSync(binary)) {
    mkdirSync(cacheFolder(), { recursive: true });
    const unfinished = `${binary}.${process.pid}`;
    execFileSync('cc', ['-static', '-O1', '-o', unfinished, source]);
    renameSync(unfinished, binary);
  }
  return binary;
}

/** Writes the scripts for the actors of a unit, and makes the folder for their notes. */
export function installScripts(root: string, unit: string, scripts: ReadonlyMap<string, string>): void {
  for (const [role, script] of scripts) {
    writeFileSync(join(root, 'opt/actor/scripts', `${unit}.${role}`), `${script}\n`);
  }
  const log = join(root, 'opt/actor/log', unit);
  writeFileSync(log, '');
  chmodSync(log, 0o666);
}
