/** What `daruma new`, `fix` and `notify install` leave is what `check` says afterwards: no advice leads into another finding. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { daruma, exec, type ExampleHost, installExample, services } from '../fix/example-host.ts';

interface Found {
  readonly rule: string;
  readonly unit: string | null;
}

/** Findings as words. That what was just written does not run yet is told by the command itself. */
const wordsOf = (findings: readonly Found[]) =>
  findings
    .filter(({ rule }) => rule !== 'service-down')
    .map(({ rule, unit }) => `${rule} ${unit ?? ''}`)
    .toSorted();

async function checked(there: ExampleHost): Promise<readonly string[]> {
  return wordsOf(JSON.parse((await daruma(there, 'check', '--json')).stdout).findings);
}

/** The example with its programs, without its units, and with a channel. */
async function emptyHome(host: Host): Promise<ExampleHost> {
  const there = await installExample(host, 'kuma', 'kuma');
  await exec(there, 'rm', '-rf', `${there.home}/.config/systemd`);
  const channel = 'notify:\n  channels:\n    - type: ntfy\n      topic: kuma\n';
  await host.writeFile(`${there.home}/.config/daruma/config.yaml`, channel, { user: 'kuma' });
  return there;
}

describeLab('a home with a channel', { name: 'advice', systemd: 257, users: ['kuma'] }, lab => {
  test('has after each new unit the findings that its plan left, and no other', {
    timeout: 300_000,
  }, async () => {
    const there = await emptyHome(await lab.host());
    const known = new Set<string>();
    for (const words of [...services.map(name => [name]), ['echo', '--', '/bin/sleep', 'infinity']]) {
      const [name = ''] = words;
      const { code, stdout } = await daruma(there, 'new', '--yes', '--json', ...words);
      expect({ name, code }).toEqual({ name, code: 0 });
      const { plan } = JSON.parse(stdout);
      expect(plan.settled).toEqual([]);
      const found = await checked(there);
      // Neither more than the plan has told, nor less.
      expect(found.filter(finding => !known.has(finding))).toEqual(
        wordsOf(plan.left).filter(finding => !known.has(finding)),
      );
      expect(found.filter(finding => finding.startsWith('hooks-lead-nowhere'))).toEqual([]);
      for (const finding of found) known.add(finding);
    }
    // Whoever follows the advice of a check ends where it advises the same again.
    for (const advised of [['fix'], ['notify', 'install'], ['fix']]) {
      const { code } = await daruma(there, ...advised, '--yes');
      expect({ advised, code }).toEqual({ advised, code: 0 });
      const found = await checked(there);
      expect(found.filter(finding => !known.has(finding))).toEqual([]);
    }
    // Whoever has taken all hooks away does not get them back with the next unit.
    expect((await daruma(there, 'notify', 'uninstall', '--yes')).code).toBe(0);
    const { stdout } = await daruma(there, 'new', '--yes', '--json', 'after', '--', '/bin/sleep', 'infinity');
    expect(stdout).toContain('/after.service');
    expect(stdout).not.toContain('zz-daruma.notify.conf');
  });

  test('forgets with the undo that what it made has failed', { timeout: 120_000 }, async () => {
    const there = await emptyHome(await lab.host());
    const fails = ['/bin/sh', '-c', 'trap "exit 3" TERM; while :; do sleep 0.1; done'];
    await daruma(there, 'new', '--yes', 'falls', '--', ...fails);
    const systemctl = async (...words: readonly string[]) =>
      (await exec(there, 'systemctl', '--user', ...words)).stdout;
    await systemctl('start', 'falls');
    await waitFor('its trap', 20_000, async () => {
      return (await exec(there, 'pgrep', '-f', 'sleep 0.1')).stdout !== '' || undefined;
    });
    await systemctl('stop', 'falls');
    const states = ['show', '-P', 'ActiveState', '-P', 'LoadState', 'falls'];
    expect((await systemctl(...states)).split('\n')).toEqual(expect.arrayContaining(['failed', 'loaded']));
    const reset = 'systemctl --user reset-failed falls.service';
    expect((await daruma(there, 'undo', '--dry-run')).stdout).toContain(reset);
    expect((await daruma(there, 'undo', '--yes')).code).toBe(0);
    expect((await systemctl(...states)).split('\n')).toEqual(
      expect.arrayContaining(['inactive', 'not-found']),
    );
  });
});
