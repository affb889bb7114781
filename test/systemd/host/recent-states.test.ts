import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Manager } from '../../../src/systemd/host/host.ts';
import { notLoadable } from '../../../src/systemd/host/manager-answer.ts';
import { recentStates } from '../../../src/systemd/host/recent-states.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function asked() {
  const questions: (readonly string[])[] = [];
  const manager: Manager = {
    transport: 'bus',
    version: 257,
    isStopping: false,
    unitPath: [],
    units: names => {
      questions.push(names);
      const known = names.filter(name => name !== 'silent.service');
      return Promise.resolve(new Map(known.map(name => [name, notLoadable(`${name} ${questions.length}`)])));
    },
    jobType: () => Promise.resolve(undefined),
    loadedUnits: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { questions, states: recentStates(manager, 100) };
}

it('an answer of a moment ago is given again, a later one is asked for', async () => {
  const { questions, states } = asked();
  const first = await states.now.units(['a.service']);
  vi.advanceTimersByTime(99);
  expect(await states.lately.units(['a.service'])).toEqual(first);
  expect(questions).toHaveLength(1);
  vi.advanceTimersByTime(1);
  await states.lately.units(['a.service']);
  expect(questions).toHaveLength(2);
});

it('only what is not known is asked for, and what got no answer again', async () => {
  const { questions, states } = asked();
  await states.lately.units(['a.service', 'silent.service']);
  const units = await states.lately.units(['a.service', 'b.service', 'silent.service']);
  expect([...units.keys()]).toEqual(['a.service', 'b.service']);
  expect(questions).toEqual([
    ['a.service', 'silent.service'],
    ['b.service', 'silent.service'],
  ]);
});

it('who has read something that the answer must not be older than always asks, and the answer serves the others', async () => {
  const { questions, states } = asked();
  await states.lately.units(['a.service']);
  const later = await states.now.units(['a.service']);
  expect(questions).toHaveLength(2);
  expect(await states.lately.units(['a.service'])).toEqual(later);
});
