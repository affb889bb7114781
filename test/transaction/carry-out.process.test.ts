import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isAnyBegun } from '../../src/transaction/begun-mark.ts';
import { UnwritableStateFolder } from '../../src/store/unwritable-state-folder.ts';
import { FixFailed } from '../../src/transaction/carry-out.ts';
import { FixInTheWay } from '../../src/transaction/journal.ts';
import {
  carryOutExample,
  exampleRecord,
  journalOf,
  layOut,
  snapshot,
  takeBackExample,
} from './example-fix.ts';
import { type Fault, underFault } from './faults.ts';

const timeout = 240_000;

/** Half of the time of a process that does next to nothing is its loading. */
const cached = { ...process.env, NODE_COMPILE_CACHE: path.join(os.tmpdir(), 'daruma-test-cache') };

function laidOut(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-fix-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  layOut(folder);
  return folder;
}

/** How the folder is before a fix and after it, and how many changes lie between. */
async function wholeRun(task: 'carry-out' | 'take-back' = 'carry-out') {
  const folder = laidOut();
  const before = snapshot(folder);
  const never = Number.MAX_SAFE_INTEGER;
  const forth = await underFault(never, 'fail', checkpoint => carryOutExample(folder, checkpoint));
  const after = snapshot(folder);
  const back = await underFault(never, 'fail', () => takeBackExample(folder));
  return { before, after, changes: (task === 'carry-out' ? forth : back).changes };
}

/** Kills a process that carries out or takes back, at its Nth change. */
async function kill(task: 'carry-out' | 'take-back', folder: string, at: number): Promise<void> {
  const script = path.join(import.meta.dirname, 'faulty-fix.ts');
  const run = promisify(execFile)(process.execPath, [script, task, folder, String(at)], { env: cached });
  await expect(run).rejects.toMatchObject({ signal: 'SIGKILL' });
}

/** Does something for each of the numbers from 1 on, a few at a time: most of it is waiting for processes. */
async function forEach(count: number, task: (number: number) => Promise<void>): Promise<void> {
  let next = 1;
  const worker = async () => {
    while (next <= count) {
      next += 1;
      await task(next - 1);
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
}

/** Each file is whole, old or new. */
function expectWhole(folder: string, { before, after }: { readonly before: object; readonly after: object }) {
  const allowed = new Set(
    [...Object.entries(before), ...Object.entries(after)].map(entry => entry.join(' ')),
  );
  // The one file that was being staged is nobody's yet.
  const isStaged = (name: string) => path.basename(name).endsWith('.daruma');
  const broken = Object.entries(snapshot(folder)).filter(
    ([name, state]) => !isStaged(name) && !allowed.has(`${name} ${state}`),
  );
  expect(broken).toEqual([]);
}

/** Nothing is left of it that a later command would have to care for. */
function expectForgotten(folder: string): void {
  expect({ ids: journalOf(folder).ids(), isAnyBegun: isAnyBegun(path.join(folder, 'state')) }).toEqual({
    ids: [],
    isAnyBegun: false,
  });
}

/** What a fix says that could not be done: the first write told already that nothing could be, or all was taken back, or not all. */
function isNothingLeftAfter(thrown: unknown): boolean {
  if (thrown instanceof UnwritableStateFolder) return true;
  if (thrown instanceof FixFailed) return thrown.isTakenBack;
  throw new Error('no failure of a fix', { cause: thrown });
}

describe('a fix', () => {
  it('is taken back to the byte', async () => {
    const folder = laidOut();
    const before = snapshot(folder);
    await carryOutExample(folder);
    expect(snapshot(folder)).not.toEqual(before);
    expect((await takeBackExample(folder))?.untouched).toEqual([]);
    expect(snapshot(folder)).toEqual(before);
  });

  it('leaves alone what somebody has changed since', async () => {
    const folder = laidOut();
    await carryOutExample(folder);
    const own = path.join(folder, 'units/b.service.d/zz-daruma.conf');
    fs.writeFileSync(own, 'mine');
    expect((await takeBackExample(folder))?.untouched).toEqual([own]);
    expect(fs.readFileSync(own, 'utf8')).toBe('mine');
  });

  it('waits for no other: it is refused while one is under way, or was left in the middle', async () => {
    const folder = laidOut();
    const { changes } = await wholeRun();
    await kill('carry-out', folder, changes - 3);
    const left = snapshot(folder);
    const other = { ...exampleRecord(folder), id: '20261124T050000Z' };
    expect(() => journalOf(folder).begin(other)).toThrow(FixInTheWay);
    expect(snapshot(folder)).toEqual(left);
    await takeBackExample(folder);
    expect(journalOf(folder).begin(other)).toMatchObject({ id: other.id, phase: 'begun' });
  });

  it('keeps every other process out, and none once it was killed', async () => {
    const folder = laidOut();
    const script = path.join(import.meta.dirname, 'faulty-fix.ts');
    const holder = spawn(process.execPath, [script, 'hold', folder, '1'], { env: cached });
    await once(holder.stdout, 'data');
    const own = journalOf(folder).alone(() => Promise.resolve('done'));
    await expect(own).rejects.toThrow(FixInTheWay);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await expect(journalOf(folder).alone(() => Promise.resolve('done'))).resolves.toBe('done');
  });

  it('goes on, once it was interrupted, with all but what somebody has changed since', async () => {
    const folder = laidOut();
    const { after, changes } = await wholeRun();
    await kill('carry-out', folder, changes - 3);
    const own = path.join(folder, 'units/b.service.d/zz-daruma.conf');
    fs.writeFileSync(own, 'mine');
    expect(await carryOutExample(folder)).toEqual([own]);
    expect(snapshot(folder)).toEqual({ ...after, 'units/b.service.d/zz-daruma.conf': '644 mine' });
  });

  it('is whole wherever a kill -9 hits, and then finished or taken back', { timeout }, async () => {
    const { before, after, changes } = await wholeRun();
    expect(changes).toBeGreaterThan(40);
    await forEach(changes, async at => {
      const folder = laidOut();
      await kill('carry-out', folder, at);
      expectWhole(folder, { before, after });
      const copy = `${folder}-copy`;
      onTestFinished(() => fs.rmSync(copy, { recursive: true }));
      // What was changed is found by its path: another folder takes its place.
      fs.cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
      await takeBackExample(folder);
      expect(snapshot(folder)).toEqual(before);
      fs.rmSync(folder, { recursive: true });
      fs.cpSync(copy, folder, { recursive: true, verbatimSymlinks: true });
      await carryOutExample(folder);
      expect(snapshot(folder)).toEqual(after);
      await takeBackExample(folder);
      expect(snapshot(folder)).toEqual(before);
    });
  });

  it('is nothing at all wherever one change fails, a reload among them', { timeout }, async () => {
    const { before, changes } = await wholeRun();
    for (let at = 1; at <= changes; at += 1) {
      const folder = laidOut();
      const { thrown } = await underFault(at, 'fail', checkpoint => carryOutExample(folder, checkpoint));
      expect(isNothingLeftAfter(thrown)).toBe(true);
      expect(snapshot(folder)).toEqual(before);
      expectForgotten(folder);
    }
  });

  it.each<Fault>(['full', 'denied'])(
    'is whole wherever the disk is %s from then on, and taken back once it is not',
    { timeout },
    async fault => {
      const { before, after, changes } = await wholeRun();
      for (let at = 1; at <= changes; at += 1) {
        const folder = laidOut();
        const { thrown } = await underFault(at, fault, checkpoint => carryOutExample(folder, checkpoint));
        expectWhole(folder, { before, after });
        expect(isNothingLeftAfter(thrown) ? snapshot(folder) : before).toEqual(before);
        await takeBackExample(folder);
        expect(snapshot(folder)).toEqual(before);
      }
    },
  );

  it('is whole wherever taking it back was killed, and then finished or taken back', {
    timeout,
  }, async () => {
    const { before, after, changes } = await wholeRun('take-back');
    expect(changes).toBeGreaterThan(30);
    await forEach(changes, async at => {
      const folder = laidOut();
      await carryOutExample(folder);
      await kill('take-back', folder, at);
      expect(journalOf(folder).begun()?.isUndo ?? true).toBe(true);
      expectWhole(folder, { before, after });
      const isFinished = at % 2 === 0;
      if (isFinished) await carryOutExample(folder);
      expect(isFinished ? snapshot(folder) : after).toEqual(after);
      await takeBackExample(folder);
      expect(snapshot(folder)).toEqual(before);
    });
  });
});
