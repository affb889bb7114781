/** Adapts a record to a system that now has another root: an image mounted at another place, or booted since. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import type { FixRecord } from './journal.ts';

/** The record with the paths that its files have on this host. */
export function relocated(record: FixRecord, { tree: { root } }: Host): FixRecord {
  if (record.root === root) return record;
  const here = (file: string) =>
    path.posix.join(root, path.posix.resolve('/', path.posix.relative(record.root, file)));
  return {
    ...record,
    root,
    operations: record.operations.map(operation => ({ ...operation, path: here(operation.path) })),
    folders: record.folders.map(here),
  };
}
