import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isRunning, ownIdentity } from '../../src/kernel/process-identity.ts';

test('a process is alive while it runs', () => {
  expect(isRunning(ownIdentity())).toBe(true);
});

test('the next process with the same id is another one', () => {
  expect(isRunning({ ...ownIdentity(), started: '1' })).toBe(false);
  const { pid, started } = ownIdentity();
  expect(isRunning({ pid, started: `an-earlier-boot ${started?.split(' ')[1]}` })).toBe(false);
});

test('a zombie is not alive', async () => {
  // A shell that has become sleep never waits for the child it had; the child outlasts the change.
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 10']);
  const [line]: Buffer[] = await once(parent.stdout, 'data');
  const pid = Number(line);
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [boot] = ownIdentity().started?.split(' ') ?? [];
  const started = `${boot} ${stat().split(') ')[1]?.split(' ')[19]}`;
  expect(isRunning({ pid, started })).toBe(true);
  await expect.poll(stat).toContain(') Z ');
  expect(isRunning({ pid, started })).toBe(false);
  parent.kill('SIGKILL');
});
