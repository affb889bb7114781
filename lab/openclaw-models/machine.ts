/** The machine `neko` with a configuration of OpenClaw, as daruma sees it, and what `daruma failover apply` makes of it. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FailoverRefused, planFailover } from '../../src/failover/plan.ts';
import { type Inventory, takeInventory } from '../../src/inventory/inventory.ts';
import type { Picture } from '../../src/routes/picture.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import type { Host } from '../../src/systemd/host/host.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { Journal } from '../../src/transaction/journal.ts';
import type { Configuration } from './case.ts';

/** OpenClaw's folder there. */
export const openclawHome = '/home/neko/.openclaw';

/** The machine that is to be added, and its key. */
export const other = { name: 'kuma', url: 'https://kuma.example.com/litellm', key: 'sk-the-key-of-kuma' };

export interface Machine extends Disposable {
  readonly host: Host;
  readonly inventory: Inventory;
  readonly picture: Picture;
}

export async function machineWith({ files, variables }: Configuration): Promise<Machine> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'daruma-machine-')));
  const put = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text, { mode: 0o600 });
  };
  const environment = Object.entries(variables).map(
    ([name, value]) => `Environment="${name}=${value.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"\n`,
  );
  put('etc/hostname', 'neko\n');
  put('etc/passwd', 'neko:x:1000:1000::/home/neko:/bin/bash\n');
  put(
    'home/neko/.config/systemd/user/openclaw-gateway.service',
    `[Service]\nExecStart=/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js gateway\n${environment.join('')}`,
  );
  put('usr/lib/node_modules/openclaw/package.json', '{"name":"openclaw","version":"2026.9.6"}');
  for (const [name, text] of Object.entries(files)) put(path.join(openclawHome, name), text);
  const host = openOfflineHost({ root, scope: 'user' });
  const inventory = await takeInventory(host);
  const nodes = ['neko', other.name].map(name => ({
    name,
    url: `https://${name}.example.com/litellm`,
    key: `${name}-key`,
    source: null,
  }));
  return {
    host,
    inventory,
    picture: await readPicture(inventory, nodes),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What the files are after `daruma failover apply`, by name; null where it writes none. */
export async function appliedFiles(
  { picture, host }: Machine,
  { files }: Configuration,
): Promise<Configuration['files'] | null> {
  try {
    const keyOf = (reference: string) => (reference === `${other.name}-key` ? other.key : undefined);
    const { plan } = await planFailover(
      picture,
      keyOf,
      host,
      new Journal(path.join(host.tree.root, 'state')),
    );
    if (plan.files.size === 0) return null;
    const written = [...plan.files].flatMap(([file, state]): readonly [string, string][] =>
      state.kind === 'file'
        ? [[path.posix.relative(openclawHome, file), state.content.toString('utf8')]]
        : [],
    );
    return { ...files, ...Object.fromEntries(written) };
  } catch (error) {
    if (error instanceof FailoverRefused) return null;
    throw error;
  }
}

/** Files of the same bytes have the same. */
export function digestOf(files: Configuration['files']): string {
  const sorted = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}
