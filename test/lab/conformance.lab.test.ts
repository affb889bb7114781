/** Random services against the machine's own systemd. `DARUMA_SEED` asks for the units of an earlier run again. */
import { expect, test } from 'vitest';
import { type CaseReport, runBatchOf } from '../../lab/conformance/batch.ts';
import { formatDisagreements } from '../../lab/conformance/disagreement.ts';
import { draw } from '../../lab/conformance/draw.ts';
import { machineSystemd } from '../../lab/root-file-system.ts';
import { describeLab } from '../../lab/vitest.ts';

const fresh = Number(process.env['DARUMA_SEED'] ?? Date.now() % 1e9);

// Each batch boots a host of its own.
describeLab('real systemd', {}, () => {
  test.each([1, fresh])(
    'does what the model says of 150 random units, seed %i',
    {
      timeout: 300_000,
    },
    async seed => {
      const systemd = machineSystemd();
      const disagreements: string[] = [];
      for (const { cases, managerLines } of draw({ systemd, seed, count: 150, batchSize: 50 })) {
        const reports = await runBatchOf(systemd, cases, managerLines);
        // A busy host stretches time: what disagrees counts when it does so again alone, in either manager.
        for (const { case: some } of reports.filter(isFaulty)) {
          const again = await runBatchOf(systemd, [some, some], managerLines);
          const staying = again.filter(isFaulty);
          disagreements.push(...staying.map(report => formatDisagreements(systemd, report, managerLines)));
        }
      }
      expect(disagreements.join(''), `DARUMA_SEED=${seed}`).toBe('');
    },
  );
});

function isFaulty({ comparison }: CaseReport): boolean {
  return comparison.disagreements.length > 0;
}
