/** A slice of the fuzz over hostile trees, always the same; all of it by `node test/transaction/hostile-fuzz.ts`. */
import { expect, it } from 'vitest';
import { isRequired } from '../support/required.ts';
import { fuzz } from './hostile-fuzz.ts';

/** Mounts are root's to make. */
const canMount = process.getuid?.() === 0;

it.skipIf(!canMount && !isRequired)(
  'nothing outside of a hostile tree is touched, nothing hangs or falls, and nothing of it is said to a terminal',
  { timeout: 600_000 },
  async () => {
    const { faults, commands } = await fuzz({ seed: 14, trees: 150 });
    expect(faults).toEqual([]);
    const names = ['check', 'config', 'explain', 'failover', 'fix', 'new', 'notify', 'status', 'undo'];
    expect(Object.keys(commands).sort()).toEqual(names);
  },
);
