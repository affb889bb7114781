/** `recording.jsonl`: a unit that is refused, one that gives up, one whose start limit is left to the clock, one not run. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Recorded, readLines, readRecording } from '../../lab/conformance/recording.ts';
import { writeReport } from '../../lab/conformance/report.ts';

const file = fileURLToPath(new URL('recording.jsonl', import.meta.url));
const recording = readLines(file);
const [refused, givesUp] = readRecording(file);
if (refused === undefined || givesUp === undefined) throw new Error(`${file}: too short`);

const { observation } = givesUp;
const seenOtherwise: Recorded = {
  ...givesUp,
  seed: 2,
  observation: { ...observation, properties: { ...observation.properties, Restart: 'always' } },
};

/** The cells of a row, by how it begins. */
function row(page: string, ...begin: readonly string[]): readonly string[] | undefined {
  const line = page.split('\n').find(one => one.startsWith(`| ${begin.join(' | ')} |`));
  return line
    ?.split('|')
    .slice(begin.length + 1, -1)
    .map(cell => cell.trim());
}

describe('the report of a recording', async () => {
  const { page, faults } = await writeReport([...recording, seenOtherwise]);

  test('counts units by version and seed', () => {
    expect(row(page, '252', '1')).toEqual(['4', '2', '0', '1', '1', '100 %']);
    expect(row(page, '252', '2')).toEqual(['1', '0', '1', '0', '0', '0 %']);
    expect(row(page, '252', 'all')).toEqual(['5', '2', '1', '1', '1', '66.66 %']);
  });

  test('counts what is left out by reason', () => {
    expect(row(page, 'not run: two limits at once')).toEqual(['1 (20 %)']);
    expect(row(page, '**together**')).toEqual(['2 (40 %)']);
  });

  test('counts features of the units that were run', () => {
    expect(row(page, 'refused: not loaded')).toEqual(['1']);
    expect(row(page, 'the start limit ends it')).toEqual(['2']);
    expect(row(page, '`Type=notify-reload`')).toEqual(['–']);
  });

  test('names each disagreement, what is rare, and what is left out too often', () => {
    expect(faults).toContain(
      `systemd 252, seed 2, ${givesUp.place.unit}: Restart: predicted no, observed always`,
    );
    expect(faults).toContain('systemd 252: 0 of `core:NAME`, fewer than 30');
    expect(faults).toContain('systemd 252: 40 % are not run or undetermined');
  });

  test('says how to repeat it', () => {
    expect(page).toContain('npm run conformance -- --systemd 252 --count 4 --seed 1 --record 1.jsonl\n');
  });
});

test('a recording of old, without seeds, is readable', async () => {
  const { seed: _, ...old } = refused;
  expect(row((await writeReport([old])).page, '252', 'not noted')).toEqual([
    '1',
    '1',
    '0',
    '0',
    '0',
    '100 %',
  ]);
});

test('what was not run is no observation to hold a model against', () => {
  expect(recording).toHaveLength(4);
  expect(readRecording(file)).toHaveLength(3);
});

test('an empty recording proves nothing', async () => {
  expect((await writeReport([])).faults).toEqual(['nothing was recorded']);
});
