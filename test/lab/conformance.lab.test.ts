/** Random services against the machine's own systemd. `DARUMA_SEED` asks for the units of an earlier run again. */
import { expect, test } from 'vitest';
import { runPatiently } from '../../lab/conformance/batch.ts';
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
        const reports = await runPatiently(systemd, cases, managerLines);
        const faulty = reports.filter(({ comparison }) => comparison.disagreements.length > 0);
        disagreements.push(...faulty.map(report => formatDisagreements(systemd, report, managerLines)));
      }
      expect(disagreements.join(''), `DARUMA_SEED=${seed}`).toBe('');
    },
  );
});
