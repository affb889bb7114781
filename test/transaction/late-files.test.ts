/** Files that lead to what a fix starts: written when it is up, and restored before it is stopped. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { carryOut, FixFailed, type SideEffects, takeBack } from '../../src/transaction/carry-out.ts';
import { wholeMachine } from '../../src/systemd/host/tree.ts';
import { exampleRecord, journalOf, layOut, snapshot } from './example-fix.ts';

/** A folder with the fix not yet made, and what stood in two of its files at each step around them. */
function begun() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-late-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  layOut(folder);
  const steps: string[] = [];
  const look = (step: string) => {
    const [unit, agent] = ['units/a.service.d/old.conf', 'agent/settings.json'].map(name =>
      fs.readFileSync(path.join(folder, name), 'utf8').trim().split('\n').at(-1),
    );
    steps.push(`${step}: ${unit}, ${agent}`);
  };
  const effects: SideEffects = {
    prepare: () => Promise.resolve(look('prepare')),
    activate: record => {
      look('activate');
      return Promise.resolve(record);
    },
    deactivate: () => Promise.resolve(look('deactivate')),
    settle: () => Promise.resolve(look('settle')),
  };
  return { folder, steps, effects, record: exampleRecord(folder) };
}

it('is written when what it leads to is up, and restored before that is stopped', async () => {
  const { folder, steps, effects, record } = begun();
  await carryOut(record, journalOf(folder), wholeMachine, effects);
  expect(steps).toEqual(['prepare: Restart=no, {"asks":"old"}', 'activate: Restart=always, {"asks":"old"}']);
  expect(snapshot(folder)['agent/settings.json']).toBe('600 {"asks":"new"}\n');
  await takeBack(record, wholeMachine, effects.deactivate);
  expect(steps.slice(2)).toEqual(['deactivate: Restart=always, {"asks":"old"}']);
  expect(snapshot(folder)['units/a.service.d/old.conf']).toBe('640 [Service]\nRestart=no\n');
});

it('stays as it was where that does not come up', async () => {
  const { folder, steps, effects, record } = begun();
  const before = snapshot(folder);
  const activate = () => Promise.reject(new Error('it does not start'));
  const failing = carryOut(record, journalOf(folder), wholeMachine, { ...effects, activate });
  await expect(failing).rejects.toThrow(FixFailed);
  expect(snapshot(folder)).toEqual(before);
  expect(steps.slice(1)).toEqual([
    'deactivate: Restart=always, {"asks":"old"}',
    'settle: Restart=no, {"asks":"old"}',
  ]);
});
