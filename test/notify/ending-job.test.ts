/** The job that ended a run, by what is known afterwards; the times are those that real managers gave. */
import { describe, expect, it } from 'vitest';
import { endingJobs, type Evidence } from '../../src/notify/ending-job.ts';
import { withLater } from '../../src/notify/sign-order.ts';
import type { SpooledSign } from '../../src/notify/spool.ts';
import { type LiveUnit, ManagerError } from '../../src/systemd/host/host.ts';
import type { RunJobs } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';

const unit = 'a.service';
const run = (number: number) => String(number).repeat(32);
const at = 1_795_929_330_000;

function sign(kind: SpooledSign['kind'], number: number, atMs = at, result = 'success'): SpooledSign {
  const cause = { result, code: null, status: null };
  return { file: `${kind}-${number}`, kind, unit, atMs, invocation: run(number), cause };
}

const nothingKnown: Evidence = { live: new Map(), manager: undefined, journal: undefined, bootMs: null };

function living(live: Partial<LiveUnit>, more: Partial<Evidence> = {}): Evidence {
  const running = { activeState: 'active', subState: 'running' };
  const known = { ...notLoadable(unit), loadState: 'loaded', ...running, ...live };
  return { ...nothingKnown, live: new Map([[unit, known]]), ...more };
}

function journal(endedBy: RunJobs['endedBy'], shutdowns: readonly number[] = []): Evidence['journal'] {
  return {
    jobsOfRuns: invocations =>
      Promise.resolve(new Map(invocations.map(each => [each, { hasStopJob: endedBy !== 'none', endedBy }]))),
    shutdowns: () => Promise.resolve(shutdowns),
    ...noFailedStarts,
  };
}

const noFailedStarts = {
  failedStartsOf: () => Promise.resolve(new Map()),
};

const silent: Evidence['journal'] = {
  jobsOfRuns: () => Promise.resolve(new Map()),
  shutdowns: () => Promise.resolve([]),
  ...noFailedStarts,
};

function job(jobs: Readonly<Record<string, string>>): NonNullable<Evidence['manager']> {
  return { jobType: name => Promise.resolve(jobs[name]) };
}

async function jobOf(signs: readonly SpooledSign[], evidence: Evidence): Promise<string | undefined> {
  return (await endingJobs(withLater(signs, evidence.live), evidence)).get(signs[0]?.file ?? '');
}

const atRest = { activeState: 'inactive', subState: 'dead' };
const own = { ...atRest, invocation: run(1), leftInactiveUsec: 100, enteredInactiveUsec: 301 };
const byItself = { ...own, leftActiveUsec: 301, mainEndedUsec: 300 };
const byJob = { ...own, leftActiveUsec: 300, mainEndedUsec: 301 };

describe('of a run that nothing has followed yet', () => {
  it('is told by the times of the unit', async () => {
    expect(await jobOf([sign('ended', 1)], living(byItself))).toBe('none');
    expect(await jobOf([sign('ended', 1)], living(byJob))).toBe('stop');
  });

  it('is none while the unit waits for its restart, whatever the journal says', async () => {
    const waiting = { ...byJob, activeState: 'activating', subState: 'auto-restart' };
    expect(await jobOf([sign('ended', 1)], living(waiting, { journal: journal('stop') }))).toBe('none');
  });

  it('is the one of the manager while the unit is on its way down', async () => {
    const leaving = { ...byJob, enteredInactiveUsec: 0, activeState: 'deactivating' };
    const manager = job({ [unit]: 'restart' });
    expect(await jobOf([sign('ended', 1)], living(leaving, { manager }))).toBe('restart');
    const shutdown = job({ [unit]: 'stop', 'shutdown.target': 'start' });
    expect(await jobOf([sign('ended', 1)], living(leaving, { manager: shutdown }))).toBe('shutdown');
    const reloading = { jobType: () => Promise.reject(new ManagerError('bus', 'reloading')) };
    const evidence = living(leaving, { manager: reloading, journal: journal('stop') });
    expect(await jobOf([sign('ended', 1)], evidence)).toBe('stop');
  });

  it('is a stop that came when its own end had begun, since systemd then respects it', async () => {
    const stopped = living({ ...byItself, activeState: 'failed' }, { journal: journal('stop') });
    expect(await jobOf([sign('ended', 1)], stopped)).toBe('stop');
    expect(await jobOf([sign('failed', 1)], stopped)).toBe('stop');
    const leaving = { ...byItself, enteredInactiveUsec: 0, activeState: 'deactivating' };
    expect(await jobOf([sign('ended', 1)], living(leaving, { manager: job({ [unit]: 'stop' }) }))).toBe(
      'stop',
    );
    // Whoever restarts it then has not seen to the fall for good.
    expect(await jobOf([sign('ended', 1)], living(leaving, { manager: job({ [unit]: 'restart' }) }))).toBe(
      'none',
    );
    expect(await jobOf([sign('ended', 1)], living(byItself, { journal: silent, bootMs: at + 1 }))).toBe(
      'none',
    );
  });

  it('is the one that ends a start', async () => {
    const starting = { ...own, enteredInactiveUsec: 0, leftActiveUsec: 0, activeState: 'deactivating' };
    const manager = job({ [unit]: 'restart' });
    expect(await jobOf([sign('ended', 1, at, 'signal')], living(starting, { manager }))).toBe('restart');
  });

  it('is asked of the journal where it was never up, as Type=oneshot', async () => {
    const oneshot = { ...own, leftActiveUsec: 0, mainEndedUsec: 300 };
    expect(await jobOf([sign('ended', 1)], living(oneshot, { journal: journal('none') }))).toBe('none');
  });
});

describe('of a run that others have followed', () => {
  const later = [sign('ended', 1), sign('started', 2), sign('ended', 2), sign('started', 3)];

  it('is none where the manager counts as many automatic starts as there were', async () => {
    const evidence = living({ invocation: run(3), nRestarts: 2 }, { journal: journal('stop') });
    expect(await jobOf(later, evidence)).toBe('none');
  });

  it('counts a start whose hook has not run yet', async () => {
    const evidence = living({ invocation: run(4), nRestarts: 2 }, { journal: journal('restart') });
    expect(await jobOf(later, evidence)).toBe('restart');
    expect(await jobOf([sign('ended', 1)], living({ invocation: run(2), nRestarts: 1 }))).toBe('none');
  });

  it('is not none by a start that the start limit has refused', async () => {
    const refused = { ...atRest, invocation: run(3), nRestarts: 2, activeState: 'failed' };
    expect(await jobOf(later, living(refused, { journal: journal('restart') }))).toBe('restart');
  });

  it('is what the journal says where somebody started one of them', async () => {
    const evidence = (jobs: Evidence['journal']) =>
      living({ invocation: run(3), nRestarts: 0 }, { journal: jobs });
    expect(await jobOf(later, evidence(journal('restart')))).toBe('restart');
    expect(await jobOf(later, evidence(journal('none')))).toBe('none');
  });
});

describe('of a run under an earlier manager', () => {
  it('is the shutdown that was written down soon after', async () => {
    const evidence = (...times: number[]) =>
      living({ invocation: run(9) }, { journal: journal('stop', times) });
    expect(await jobOf([sign('ended', 1)], evidence(at + 2_000))).toBe('shutdown');
    expect(await jobOf([sign('ended', 1)], evidence(at - 2_000, at + 3_600_000))).toBe('stop');
  });
});

describe('where the journal cannot be read', () => {
  const evidence = (bootMs: number) => living({ invocation: run(2) }, { journal: silent, bootMs });

  it('is the shutdown of a boot before, or a restart that a person could not make by hand', async () => {
    expect(await jobOf([sign('ended', 1)], evidence(at + 1))).toBe('shutdown');
    expect(await jobOf([sign('ended', 1), sign('started', 2, at + 900)], evidence(0))).toBe('restart');
  });

  it('is not known of a fault, nor of a start that comes later: that is told', async () => {
    expect(await jobOf([sign('ended', 1, at, 'exit-code')], evidence(at + 1))).toBe('unknown');
    expect(await jobOf([sign('ended', 1), sign('started', 2, at + 9_000)], evidence(0))).toBe('unknown');
    expect(await jobOf([sign('ended', 1)], nothingKnown)).toBe('unknown');
  });

  it('is the same for a unit with thousands of signs', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      ...sign(index % 2 === 0 ? 'ended' : 'started', 1, at + index),
      file: String(index),
      invocation: (Math.floor((index + 1) / 2) + 1).toString(16).padStart(32, '0'),
    }));
    const startMs = performance.now();
    const last = many.at(-1)?.invocation ?? '';
    const known = living({ invocation: last, nRestarts: 10_000 });
    const jobs = await endingJobs(withLater(many, known.live), known);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(new Set(jobs.values())).toEqual(new Set(['none']));
  });
});
