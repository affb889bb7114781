/**
 * Random services against the machine's own systemd: those of a fixed seed, and of a fresh one, whose recording is left.
 * `DARUMA_SEED` asks for the units of an earlier run again.
 */
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runPatiently } from '../../lab/conformance/batch.ts';
import { formatDisagreements } from '../../lab/conformance/disagreement.ts';
import { draw } from '../../lab/conformance/draw.ts';
import { addToRecording } from '../../lab/conformance/recording.ts';
import { machineSystemd } from '../../lab/root-file-system.ts';
import { describeLab } from '../../lab/vitest.ts';

/** @returns what disagreed, also when it was run again alone */
async function disagreements(seed: number, recording?: string): Promise<string> {
  const systemd = machineSystemd();
  let text = '';
  for (const { cases, managerLines } of draw({ systemd, seed, count: 150, batchSize: 50 })) {
    const reports = await runPatiently(systemd, cases, managerLines);
    if (recording !== undefined) addToRecording(recording, seed, reports, managerLines);
    const faulty = reports.filter(({ comparison }) => comparison.disagreements.length > 0);
    text += faulty.map(report => formatDisagreements(systemd, report, managerLines)).join('');
  }
  return text;
}

// Each batch boots a host of its own.
describeLab('real systemd does what the model says of 150 random units', {}, () => {
  test('of a fixed seed', { timeout: 300_000 }, async () => {
    expect(await disagreements(1)).toBe('');
  });

  test('of a fresh seed', { timeout: 300_000 }, async () => {
    const seed = Number(process.env['DARUMA_SEED'] ?? Date.now() % 1e9);
    const recording = path.join(os.tmpdir(), `daruma-conformance-${seed}-${process.pid}.jsonl`);
    console.info(`DARUMA_SEED=${seed}, recorded for lab/conformance/replay.ts: ${recording}`);
    expect(await disagreements(seed, recording), `DARUMA_SEED=${seed}`).toBe('');
  });
});
