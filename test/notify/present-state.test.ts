/** Which messages say how the service is when they leave. */
import { expect, it } from 'vitest';
import { mayBeOver, presentRun } from '../../src/notify/present-state.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { hostOf } from '../support/root.ts';

it('what falls in a row tell may be over at once, and what a fall tells after a while', () => {
  expect(mayBeOver({ kind: 'keeps-falling', atMs: 0 }, 0)).toBe(true);
  expect(mayBeOver({ kind: 'fell', atMs: 0 }, 60_000)).toBe(false);
  expect(mayBeOver({ kind: 'fell', atMs: 0 }, 80_000)).toBe(true);
});

// The times are those of real managers: a stop in the wait for a restart leaves the result of the failed start.
it('what somebody has stopped between two starts is said to be stopped, and what has failed or was forgotten is not', () => {
  const { files } = hostOf({});
  const stopped = {
    ...notLoadable('a.service'),
    activeState: 'inactive',
    result: 'exit-code',
    leftInactiveUsec: 200,
    enteredInactiveUsec: 300,
  } as const;
  expect(presentRun(stopped, files).kind).toBe('stopped');
  expect(presentRun({ ...stopped, activeState: 'failed' }, files).kind).toBe('fails');
  expect(
    presentRun({ ...notLoadable('a.service'), activeState: 'inactive', result: 'success' }, files).kind,
  ).toBe('rests');
});
