import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive, ownIdentity } from '../../lab/process-identity.ts';

test('a process is alive while it runs', () => {
  expect(isAlive(ownIdentity())).toBe(true);
});

test('the next process with the same id is another one', () => {
  expect(isAlive({ ...ownIdentity(), startTime: '1' })).toBe(false);
  expect(isAlive({ ...ownIdentity(), bootId: 'an earlier boot of the machine' })).toBe(false);
});

test('a zombie is not alive', async () => {
  // A shell that has become sleep never waits for the child it had; the child outlasts the change.
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 10']);
  const [line]: Buffer[] = await once(parent.stdout, 'data');
  const pid = Number(line);
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8');
  const startTime = stat().split(') ')[1]?.split(' ')[19] ?? '';
  expect(isAlive({ ...ownIdentity(), pid, startTime })).toBe(true);
  await expect.poll(stat).toContain(') Z ');
  expect(isAlive({ ...ownIdentity(), pid, startTime })).toBe(false);
  parent.kill('SIGKILL');
});
