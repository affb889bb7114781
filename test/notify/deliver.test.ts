import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Channel, ChannelFault, Letter, Receipt } from '../../src/notify/channel.ts';
import { deliver, type DeliveryOptions } from '../../src/notify/deliver.ts';
import type { Notice } from '../../src/notify/notice.ts';
import { openStore } from '../../src/store/database.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { unpackedRoot } from '../support/root.ts';

const minute = 60_000;
const hour = 60 * minute;
const unreachable: ChannelFault = { code: 'unreachable', status: null, detail: 'no route to host' };

/** A person at the end of a wire that can be cut; time passes when the test says so. */
function telling(answer: (letter: Letter, nowMs: number) => Receipt = () => ({ kind: 'delivered' })) {
  const folder = unpackedRoot({});
  const outbox = new Outbox<Notice, ChannelFault>(openStore(folder));
  const arrived: Letter[] = [];
  const attemptsMs: number[] = [];
  const clock = { nowMs: 0 };
  const channel: Channel = {
    name: 'a',
    markup: 'plain',
    send: letter => {
      attemptsMs.push(clock.nowMs);
      const receipt = answer(letter, clock.nowMs);
      if (receipt.kind === 'delivered') arrived.push(letter);
      return Promise.resolve(receipt);
    },
  };
  const options: DeliveryOptions = {
    outbox,
    compose: notices => Promise.resolve({ title: notices.map(({ kind }) => kind).join(' '), body: '' }),
    now: () => clock.nowMs,
    random: () => 0,
    folder,
    quietUntil: () => undefined,
    host: 'neko',
  };
  return {
    outbox,
    options,
    arrived,
    attemptsMs,
    clock,
    tell: (text: string, dueMs = clock.nowMs, key?: string) =>
      outbox.put(
        {
          key,
          content: { kind: 'text', text, atMs: dueMs, host: 'neko' },
          dueMs,
          expiresMs: dueMs + 24 * hour,
        },
        ['a'],
      ),
    /** As a timer does it: whenever there is something to do, until nothing waits or the time is over. */
    until: async (endMs: number, more: Partial<DeliveryOptions> = {}) => {
      for (let calls = 0; calls < 10_000; calls += 1) {
        const next = await deliver([channel], { ...options, ...more });
        if (next === undefined || next > endMs) break;
        clock.nowMs = Math.max(clock.nowMs + 1, next);
      }
      clock.nowMs = endMs;
    },
  };
}

const textsOf = (letters: readonly Letter[]) =>
  letters.flatMap(({ notices }) =>
    notices.map(notice => (notice.kind === 'text' ? notice.text : notice.kind)),
  );

describe('delivery', () => {
  it('tells each thing once, in order', async () => {
    const { tell, until, arrived } = telling();
    tell('one');
    tell('two');
    await until(minute);
    await until(2 * minute);
    expect(arrived.map(({ notices }) => notices.length)).toEqual([1, 1]);
    expect(textsOf(arrived)).toEqual(['one', 'two']);
  });

  it('tries ever more rarely while nothing gets through, and loses nothing in an hour', async () => {
    const { tell, until, arrived, attemptsMs } = telling((_, nowMs) =>
      nowMs < hour ? { kind: 'later', fault: unreachable } : { kind: 'delivered' },
    );
    tell('fell');
    await until(30 * minute);
    tell('up');
    await until(2 * hour);
    expect(textsOf(arrived)).toEqual(['fell', 'up']);
    const pauses = attemptsMs.slice(1, 10).map((atMs, index) => (atMs - (attemptsMs[index] ?? 0)) / 1_000);
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900]);
  });

  it('waits as long as the other side asks for, and tells the next message no sooner', async () => {
    let isFirst = true;
    const { tell, until, attemptsMs } = telling(() => {
      if (!isFirst) return { kind: 'delivered' };
      isFirst = false;
      const fault = { code: 'rate-limited', status: 429, detail: 'Too Many Requests' } as const;
      return { kind: 'later', fault, retryAfterSeconds: 37 };
    });
    tell('one');
    tell('two', 10_000);
    await until(hour);
    expect(attemptsMs).toEqual([0, 37_000, 37_000]);
  });

  it('does not wait for ever, whatever the other side asks for', async () => {
    let isFirst = true;
    const { tell, until, attemptsMs } = telling(() => {
      if (!isFirst) return { kind: 'delivered' };
      isFirst = false;
      return { kind: 'later', fault: unreachable, retryAfterSeconds: 1e9 };
    });
    tell('one');
    await until(23 * hour);
    expect(attemptsMs).toEqual([0, 6 * hour]);
  });

  it('makes one letter of a flood', async () => {
    const { tell, until, arrived } = telling();
    for (let number = 0; number < 30; number += 1) tell(String(number));
    await until(minute);
    expect(arrived.map(({ notices }) => notices.length)).toEqual([30]);
  });

  it('finds the one letter that is not taken, and tells all others', async () => {
    const fault = { code: 'rejected', status: 400, detail: 'Bad Request' } as const;
    const { tell, until, arrived, outbox } = telling(({ notices }) =>
      notices.some(notice => notice.kind === 'text' && notice.text === 'bad')
        ? { kind: 'refused', fault }
        : { kind: 'delivered' },
    );
    for (const text of ['a', 'b', 'bad', 'c', 'd', 'e']) tell(text);
    await until(minute);
    expect(textsOf(arrived)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(outbox.stateOf('a')).toMatchObject({ waiting: 0, refused: 1 });
  });

  it('finds the one letter that is not accepted where the service does not say what is at fault', async () => {
    const fault = { code: 'rejected', status: 400, detail: '' } as const;
    const { tell, until, arrived, outbox } = telling(({ notices }) =>
      notices.some(notice => notice.kind === 'text' && notice.text === 'bad')
        ? { kind: 'later', fault }
        : { kind: 'delivered' },
    );
    tell('bad');
    await until(minute);
    // Alone it may be the place.
    expect(outbox.stateOf('a')).toMatchObject({ waiting: 1, refused: 0 });
    for (const [index, text] of ['a', 'b', 'c'].entries()) tell(text, (index + 2) * minute);
    await until(hour);
    expect(textsOf(arrived)).toEqual(['a', 'b', 'c']);
    expect(outbox.stateOf('a')).toMatchObject({ waiting: 0, refused: 1, failures: 0 });
  });

  it('keeps all letters while the place is at fault, and tells them in order afterwards', async () => {
    const fault = { code: 'rejected', status: 400, detail: '' } as const;
    const { tell, until, arrived, outbox } = telling((_, nowMs) =>
      nowMs < 5 * hour ? { kind: 'later', fault } : { kind: 'delivered' },
    );
    const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (const [index, text] of texts.entries()) tell(text, index * minute);
    await until(4 * hour);
    expect(outbox.stateOf('a')).toMatchObject({ waiting: 7, refused: 0 });
    await until(12 * hour);
    expect(textsOf(arrived)).toEqual(texts);
  });

  it('sends again what was refused when it is asked to', async () => {
    let isFull = true;
    const fault = { code: 'rejected', status: 413, detail: '' } as const;
    const { tell, until, arrived, outbox } = telling(() =>
      isFull ? { kind: 'refused', fault } : { kind: 'delivered' },
    );
    tell('one');
    await until(minute);
    expect(outbox.refusals('a', 9)).toMatchObject([{ content: { text: 'one' }, fault, refusedMs: 0 }]);
    isFull = false;
    outbox.sendRefusedAgain(10 * 24 * hour);
    await until(2 * minute);
    expect(textsOf(arrived)).toEqual(['one']);
    expect(outbox.refusals('a', 9)).toEqual([]);
  });

  it('keeps a remark until a letter is delivered without one', async () => {
    let isMoved = true;
    const remark = { code: 'moved', status: null, detail: 'chat: -1001' } as const;
    const { tell, until, outbox } = telling(() => ({ kind: 'delivered', ...(isMoved && { remark }) }));
    tell('one');
    await until(minute);
    expect(outbox.stateOf('a')).toMatchObject({ failures: 0, fault: remark, waiting: 0 });
    isMoved = false;
    tell('two', 2 * minute);
    await until(3 * minute);
    expect(outbox.stateOf('a').fault).toBeUndefined();
  });

  it('sums up what came too late, before what is new', async () => {
    const { tell, until, arrived } = telling((_, nowMs) =>
      nowMs < 30 * hour ? { kind: 'later', fault: unreachable } : { kind: 'delivered' },
    );
    for (let number = 0; number < 12; number += 1) tell(String(number), number * minute);
    tell('new', 29 * hour);
    await until(40 * hour);
    expect(textsOf(arrived)).toEqual(['late', 'new']);
    expect(arrived[0]?.notices[0]).toMatchObject({ count: 12, fromMs: 0, toMs: 11 * minute });
  });

  it('is silent in the quiet hours, and tells afterwards', async () => {
    const { tell, until, arrived } = telling();
    const quietUntil = (nowMs: number) => (nowMs < 7 * hour ? 7 * hour : undefined);
    tell('at night');
    await until(6 * hour, { quietUntil });
    expect(arrived).toEqual([]);
    await until(8 * hour, { quietUntil });
    expect(textsOf(arrived)).toEqual(['at night']);
  });

  it('does not tell what was taken back in time', async () => {
    const { tell, until, arrived, outbox } = telling();
    tell('down for 5 minutes', 5 * minute, 'fall 1');
    await until(4 * minute);
    outbox.withdraw('fall 1', 4 * minute);
    await until(hour);
    expect(arrived).toEqual([]);
  });

  it('loses nothing and keeps the order, whatever the other side does', async () => {
    const answers: fc.Arbitrary<Receipt> = fc.oneof(
      fc.constant<Receipt>({ kind: 'delivered' }),
      fc.constant<Receipt>({ kind: 'later', fault: unreachable }),
      fc
        .integer({ min: 0, max: 300 })
        .map((retryAfterSeconds): Receipt => ({ kind: 'later', fault: unreachable, retryAfterSeconds })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(answers, { maxLength: 12 }),
        fc.array(fc.integer({ min: 0, max: hour }), { minLength: 1, maxLength: 12 }),
        async (given, times) => {
          const left = [...given];
          const { tell, until, arrived } = telling(() => left.shift() ?? { kind: 'delivered' });
          const sorted = times.toSorted((a, b) => a - b);
          for (const [number, atMs] of sorted.entries()) tell(String(number), atMs);
          await until(12 * hour);
          expect(textsOf(arrived)).toEqual(sorted.map((_, number) => String(number)));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a channel', () => {
  const notice: Notice = { kind: 'text', text: 'one', atMs: 0, host: 'neko' };
  const openOptions = (names: readonly string[]) => {
    const { outbox, options } = telling();
    outbox.put({ key: undefined, content: notice, dueMs: 0, expiresMs: hour }, names);
    return options;
  };
  const channel = (name: string, send: Channel['send']): Channel => ({ name, markup: 'plain', send });

  it.each(['猫'.repeat(27), '猫'.repeat(400), 'a/b', '..', 'half \ud83d', 'x'.repeat(300)])(
    'is delivered to whatever it is called (%#), with an identifier that headers and mail can carry',
    async name => {
      const ids: string[] = [];
      const sink = channel(name, ({ id }) => {
        ids.push(id);
        return Promise.resolve({ kind: 'delivered' });
      });
      await deliver([sink], openOptions([name]));
      expect(ids).toEqual([expect.stringMatching(/^daruma-[\w.%-]{1,100}-1-1$/)]);
    },
  );

  it('that cannot be delivered to stops no other', async () => {
    const reached: string[] = [];
    const good = (name: string) =>
      channel(name, () => {
        reached.push(name);
        return Promise.resolve({ kind: 'delivered' });
      });
    const bad = channel('bad', () => Promise.reject(new Error('never does so')));
    const last = channel('last', async () => {
      await new Promise(resolve => setTimeout(resolve, 50));
      reached.push('last');
      return { kind: 'delivered' };
    });
    const delivery = deliver([bad, good('a'), last], openOptions(['bad', 'a', 'last']));
    await expect(delivery).rejects.toThrow('never does so');
    expect(reached).toEqual(['a', 'last']);
  });
});
