/**
 * The real OpenClaw with the unit that it writes itself: after a fix its doctor still accepts it, and it gets up.
 *
 * It takes minutes: `DARUMA_LAB_SLOW=1 npx vitest run test/fix/openclaw-doctor.lab.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import type { RunResult } from '../../lab/run.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const user = 'kuma';
const unit = 'openclaw-gateway.service';
const installed = '/opt/openclaw';
const configuration = {
  gateway: { mode: 'local', bind: 'loopback', auth: { mode: 'token', token: 'EXAMPLE-gateway-token' } },
};

describe.each([247, 252, 257, 262])('systemd %i', systemd => {
  const needs = { systemd, users: [user], software: ['openclaw'], slow: true } as const;
  describeLab('the unit that OpenClaw writes, fixed', { name: 'gateway', ...needs }, lab => {
    test('is accepted by its doctor, and gets up', { timeout: 3_000_000 }, async () => {
      const host = await lab.host();
      await host.exec(['ln', '-s', `${installed}/node_modules/.bin/openclaw`, '/usr/local/bin/openclaw']);
      const config = JSON.stringify(configuration);
      await host.writeFile(`/home/${user}/.openclaw/openclaw.json`, config, { user, mode: 0o600 });
      await exec(host, 'openclaw', 'gateway', 'install', '--port', '18789');
      await untilLive(host);
      // What it changes by itself is changed by now.
      expect(aboutService(await doctor(host, '--fix'))).toEqual([]);
      await untilLive(host);
      expect(aboutService(await doctor(host))).toEqual([]);

      const fixed = await exec(host, 'node', '/opt/daruma/bin/daruma.cjs', 'fix', '--yes');
      expect(fixed).toMatchObject({ code: 0, stderr: '' });
      const files = await unitFiles(host);
      expect(files).toContain('StartLimitIntervalSec=0');
      // A drop-in of the operator's: named, and nothing else.
      const drift = ['- Systemd Unit.StartLimitIntervalSec contains an unrecognized setting.'];
      expect(aboutService(await doctor(host))).toEqual(drift);
      expect(aboutService(await doctor(host, '--fix'))).toEqual(drift);
      expect(await unitFiles(host)).toBe(files);

      await untilLive(host);
      const old = await mainPid(host);
      await exec(host, 'kill', '-TERM', old);
      await untilLive(host, old);
      await exec(host, 'node', '/opt/daruma/bin/daruma.cjs', 'undo');
      expect(aboutService(await doctor(host))).toEqual([]);
    });
  });
});

async function doctor(host: Host, ...options: readonly string[]): Promise<string> {
  const ask = () => exec(host, 'openclaw', 'doctor', '--non-interactive', ...options);
  let report = await ask();
  // It allows systemd a few seconds for an answer, too few on a busy machine, and says to do this then; with or without a fix.
  for (let attempt = 1; attempt < mostAttempts && report.code !== 0; attempt += 1) {
    await exec(host, 'openclaw', 'gateway', 'restart');
    await untilLive(host);
    report = await ask();
  }
  expect(report).toEqual({ ...report, code: 0 });
  return report.stdout;
}

const mostAttempts = 4;

/** What stands in the doctor's boxes about the service: `Gateway service definition`, `Gateway service config`. */
function aboutService(report: string): readonly string[] {
  const boxes = report.split(/^◇ {2}/m).filter(box => box.startsWith('Gateway service'));
  return boxes.flatMap(box =>
    box
      .split('\n')
      .slice(1)
      .flatMap(line => /^│ {2}(\S.*?)\s*│$/.exec(line)?.[1] ?? []),
  );
}

/** The texts of the unit and its drop-ins. */
async function unitFiles(host: Host): Promise<string> {
  return (await exec(host, 'systemctl', '--user', 'cat', unit)).stdout;
}

async function mainPid(host: Host): Promise<string> {
  const { stdout } = await exec(host, 'systemctl', '--user', 'show', '--value', '-p', 'MainPID', unit);
  return stdout.trim();
}

/** Waits until a process other than `old` says that it is alive. */
async function untilLive(host: Host, old = '0'): Promise<void> {
  const ask = "fetch('http://127.0.0.1:18789/healthz').then(r => r.text()).then(console.log, () => {})";
  await waitFor('the gateway', 300_000, async () => {
    const { stdout } = await exec(host, 'node', '-e', ask);
    return (stdout.includes('"ok":true') && (await mainPid(host)) !== old) || undefined;
  });
}

function exec(host: Host, ...argv: readonly string[]): Promise<RunResult> {
  return host.exec(argv, { user, timeoutMs: 300_000 });
}
