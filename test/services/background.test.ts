/**
 * What daruma says of commands that go into the background, against what such commands did under a real systemd: `background.jsonl`
 * was recorded by `lab/background/main.ts`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../lab/background/case.ts';
import { programs } from '../../lab/background/programs.ts';
import { departureOf } from '../../src/services/background.ts';
import type { Departure } from '../../src/services/background-programs.ts';

const recording: readonly Observation[] = readFileSync(join(import.meta.dirname, 'background.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line): Observation => JSON.parse(line));

const commands = recording.map(seen => ({ name: `${seen.argv.join(' ')} (${seen.manager})`, seen }));

function predicted({ argv, manager, program }: Observation): Departure | undefined {
  const files = programs[program]?.files ?? {};
  return departureOf(argv, {
    scope: manager,
    files: {
      readScript: file => {
        const text = files[file];
        return text === undefined ? { state: 'missing' } : { state: 'read', text };
      },
    },
    resolve: file => file,
  });
}

/** Whether the command ended well and left a program behind. */
function hasLeft({ leftByDefault }: Observation): boolean {
  return leftByDefault !== null;
}

/** What daruma advises to write in place of a command. */
function advised({ argv }: Observation, { foreground }: Departure): readonly string[] | undefined {
  const text = argv.join(' ');
  switch (foreground.how) {
    case 'without':
      return text.replace(` ${foreground.words}`, '').split(' ');
    case 'with':
      return `${text} ${foreground.words.replaceAll("'", '')}`.split(' ');
    case 'instead':
      return text.replace(foreground.words, foreground.instead).split(' ');
    case 'exec':
    case 'file':
    case 'direct':
      return undefined;
    default:
      return foreground satisfies never;
  }
}

describe('what a command does under a real systemd is what is said of it', () => {
  test.each(commands)('$name', ({ seen }) => {
    expect(predicted(seen) !== undefined).toBe(hasLeft(seen));
  });
});

describe('what is left belongs to the service or to another, as is said', () => {
  test.each(commands.filter(({ seen }) => hasLeft(seen)))('$name', ({ seen }) => {
    expect(predicted(seen)?.where).toBe((seen.leftByDefault?.outside.length ?? 0) > 0 ? 'outside' : 'inside');
    expect(seen.leftByDefault?.inside).toEqual([]);
  });
});

/** The words in an order of their own: an option may stand anywhere. */
function key(words: readonly string[], manager: string): string {
  return [...words].sort().join(' ') + manager;
}

describe('a command of the advised form stays', () => {
  const ran = new Map(recording.map(seen => [key(seen.argv, seen.manager), seen]));
  const forms = recording.flatMap(seen => {
    const departure = predicted(seen);
    const form = departure && hasLeft(seen) ? advised(seen, departure) : undefined;
    return form === undefined
      ? []
      : [{ seen, name: seen.argv.join(' '), form, ofForm: ran.get(key(form, seen.manager)) }];
  });

  test.each(forms.filter(({ ofForm }) => ofForm !== undefined))('$form, for $name', ({ ofForm }) => {
    expect(ofForm?.state).toBe('active/running');
    expect(ofForm && predicted(ofForm)).toBe(undefined);
  });

  test('for each program, once at least', () => {
    const proven = new Set(
      forms.filter(({ ofForm }) => ofForm !== undefined).map(({ seen }) => seen.program),
    );
    const advisedFor = new Set(forms.map(({ seen }) => seen.program));
    expect([...advisedFor].filter(program => !proven.has(program))).toEqual([]);
  });
});

test('Restart=always starts such a command again and again', () => {
  const again = recording.flatMap(({ program, again: seen }) =>
    seen === null ? [] : [[program, seen.restarts] as const],
  );
  expect(again.length).toBeGreaterThan(30);
  expect(again.filter(([, restarts]) => restarts < 2)).toEqual([]);
});
