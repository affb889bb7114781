/** Which messages say how the service is when they leave. */
import { expect, it } from 'vitest';
import { mayBeOver } from '../../src/notify/present-state.ts';

it('what falls in a row tell may be over at once, and what a fall tells after a while', () => {
  expect(mayBeOver({ kind: 'keeps-falling', atMs: 0 }, 0)).toBe(true);
  expect(mayBeOver({ kind: 'fell', atMs: 0 }, 60_000)).toBe(false);
  expect(mayBeOver({ kind: 'fell', atMs: 0 }, 80_000)).toBe(true);
});
