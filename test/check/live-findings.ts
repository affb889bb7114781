/** What `daruma check` says on a lab host, run there as its user would. */
import { expect } from 'vitest';
import type { Host as LabHost } from '../../lab/host.ts';

interface Finding {
  readonly rule: string;
  readonly severity: string;
  readonly unit: string | null;
  readonly message: string;
  readonly fix: { readonly summary: string };
  readonly source: { readonly file: string } | null;
}

/** Runs a shell as kuma; @returns its stdout */
export async function asKuma(host: LabHost, script: string): Promise<string> {
  const { code, stdout, stderr } = await host.exec(['bash', '-euc', script], { user: 'kuma' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** The findings of one rule among the services of kuma. */
export async function findingsOf(host: LabHost, rule: string): Promise<readonly Finding[]> {
  const argv = ['node', '/opt/daruma/bin/daruma.cjs', 'check', '--json'];
  const { stdout } = await host.exec(argv, { user: 'kuma' });
  const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(stdout);
  return findings.filter(finding => finding.rule === rule);
}

/** A service of kuma's that runs. */
export async function startService(host: LabHost): Promise<void> {
  await asKuma(
    host,
    `mkdir -p ~/.config/systemd/user
     printf '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=always\\n' > ~/.config/systemd/user/agent.service
     systemctl --user daemon-reload
     systemctl --user start agent.service`,
  );
}
