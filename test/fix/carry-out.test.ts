import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { carryOut, FixFailed, takeBack } from '../../src/fix/carry-out.ts';
import { Journal } from '../../src/fix/journal.ts';
import { exampleRecord, layOut, snapshot } from './example-fix.ts';

function laidOut(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-fix-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  layOut(folder);
  return folder;
}

const done = () => Promise.resolve();

/** Carries out or takes back with a fault at the Nth change; how many changes it came to, unless it was killed. */
function withFault(
  task: 'carry-out' | 'take-back',
  folder: string,
  at: number,
  fault: 'kill' | 'fail',
): number | undefined {
  const script = path.join(import.meta.dirname, 'faulty-fix.ts');
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [script, task, folder, String(at), fault],
    { encoding: 'utf8' },
  );
  if (signal === 'SIGKILL') return undefined;
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

/** The states that the files were in on the way: each is whole, old or new. */
function expectWhole(folder: string, before: object, after: object): void {
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

function wholeRun(): {
  readonly before: object;
  readonly after: object;
  readonly changes: number;
} {
  const folder = laidOut();
  const before = snapshot(folder);
  const changes = withFault('carry-out', folder, Number.MAX_SAFE_INTEGER, 'kill') ?? 0;
  return { before, after: snapshot(folder), changes };
}

describe('a fix', () => {
  it('is taken back to the byte', async () => {
    const folder = laidOut();
    const before = snapshot(folder);
    const record = exampleRecord(folder);
    await carryOut(record, new Journal(`${folder}/state`), { activate: done });
    expect(snapshot(folder)).not.toEqual(before);
    expect(takeBack(record).untouched).toEqual([]);
    expect(snapshot(folder)).toEqual(before);
  });

  it('overwrites nothing that somebody has changed meanwhile, and takes back the rest', async () => {
    const folder = laidOut();
    const record = exampleRecord(folder);
    const last = record.operations.findLast(({ after }) => after.kind === 'file');
    if (last === undefined) throw new Error('no file');
    fs.mkdirSync(path.dirname(last.path), { recursive: true });
    fs.writeFileSync(last.path, 'mine');
    const before = snapshot(folder);
    const failure: unknown = await carryOut(record, new Journal(`${folder}/state`), { activate: done }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ at: last.path, isTakenBack: true, cause: { name: 'ChangedMeanwhile' } });
    expect(snapshot(folder)).toEqual(before);
  });

  it('leaves alone what somebody has changed since', async () => {
    const folder = laidOut();
    const record = exampleRecord(folder);
    await carryOut(record, new Journal(`${folder}/state`), { activate: done });
    const own = path.join(folder, 'units/b.service.d/zz-daruma.conf');
    fs.writeFileSync(own, 'mine');
    expect(takeBack(record).untouched).toEqual([own]);
    expect(fs.readFileSync(own, 'utf8')).toBe('mine');
  });

  it('is taken back when the manager does not reload', async () => {
    const folder = laidOut();
    const before = snapshot(folder);
    const journal = new Journal(`${folder}/state`);
    const failing = carryOut(exampleRecord(folder), journal, {
      activate: () => Promise.reject(new Error('no manager')),
    });
    await expect(failing).rejects.toThrow(FixFailed);
    expect(snapshot(folder)).toEqual(before);
    expect(journal.records().map(({ phase }) => phase)).toEqual(['undone']);
  });

  it('is whole and can be taken back wherever a kill -9 hits', () => {
    const { before, after, changes } = wholeRun();
    expect(changes).toBeGreaterThan(30);
    for (let at = 1; at <= changes; at += 1) {
      const folder = laidOut();
      expect(withFault('carry-out', folder, at, 'kill')).toBeUndefined();
      expectWhole(folder, before, after);
      // Before the record is there, nothing else has been touched.
      for (const interrupted of new Journal(`${folder}/state`).records()) takeBack(interrupted);
      expect(snapshot(folder)).toEqual(before);
    }
  }, 240_000);

  it('is all or nothing wherever the disk is full', () => {
    const { before, after, changes } = wholeRun();
    for (let at = 1; at <= changes; at += 1) {
      const folder = laidOut();
      withFault('carry-out', folder, at, 'fail');
      expect([JSON.stringify(before), JSON.stringify(after)]).toContain(JSON.stringify(snapshot(folder)));
    }
  }, 240_000);

  it('is taken back in the end when taking back was killed, wherever', () => {
    const { before, after } = wholeRun();
    for (let at = 1; ; at += 1) {
      const folder = laidOut();
      withFault('carry-out', folder, Number.MAX_SAFE_INTEGER, 'kill');
      const isThrough = withFault('take-back', folder, at, 'kill') !== undefined;
      expectWhole(folder, before, after);
      withFault('take-back', folder, Number.MAX_SAFE_INTEGER, 'kill');
      expect(snapshot(folder)).toEqual(before);
      if (isThrough) return;
    }
  }, 240_000);
});
