import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Cable } from './cable.ts';
import type { Bind } from './nspawn.ts';
import type { Owner } from './owner.ts';

/** The record of a host, from which any process can use, reboot and remove it. */
export interface HostRecord {
  /** Unique on the machine. */
  readonly id: string;
  /** The host's own name, as `hostname` prints it there. */
  readonly name: string;
  readonly systemd: number;
  /** The process with which the host is removed; null for a host that stays until `lab down`. */
  readonly owner: Owner | null;
  readonly binds: readonly Bind[];
  readonly cable: Cable | null;
}

export interface NetworkRecord {
  readonly id: string;
  readonly owner: Owner | null;
}

/** The folder with the records of all hosts and networks; it does not survive a reboot of the machine. */
const STATE_FOLDER = '/run/daruma-lab';

export const hostRegistry = registry<HostRecord>('hosts');
export const networkRegistry = registry<NetworkRecord>('networks');

/** One folder for each entry. Its record is written before anything else of the entry, and removed last. */
function registry<R extends { readonly id: string }>(kind: string) {
  const parent = join(STATE_FOLDER, kind);
  const folder = (id: string) => join(parent, id);
  const recordFile = (id: string) => join(folder(id), 'record.json');
  return {
    folder,

    /** @throws Error when the id is taken: a folder is renamed into place, which succeeds for only one of two processes. */
    add(record: R): void {
      mkdirSync(parent, { recursive: true });
      const fresh = mkdtempSync(join(STATE_FOLDER, 'new-'));
      writeFileSync(join(fresh, 'record.json'), JSON.stringify(record));
      try {
        renameSync(fresh, folder(record.id));
      } catch (cause) {
        rmSync(fresh, { recursive: true });
        throw new Error(`${record.id} exists already in ${parent}`, { cause });
      }
    },

    replace(record: R): void {
      const fresh = `${recordFile(record.id)}.new`;
      writeFileSync(fresh, JSON.stringify(record));
      renameSync(fresh, recordFile(record.id));
    },

    find(id: string): R | undefined {
      if (!existsSync(recordFile(id))) return undefined;
      const record: R = JSON.parse(readFileSync(recordFile(id), 'utf8'));
      return record;
    },

    ids(): string[] {
      return existsSync(parent) ? readdirSync(parent) : [];
    },

    remove(id: string): void {
      rmSync(folder(id), { recursive: true, force: true });
    },
  };
}
