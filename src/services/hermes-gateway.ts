import type { KnownService } from './known-service.ts';
import { hasFlag, type Program } from './program.ts';

/** The messaging gateway of Hermes Agent. */
export const hermesGateway: KnownService = {
  id: 'hermes-gateway',
  name: 'Hermes Agent gateway',
  sources: ['https://github.com/NousResearch/hermes-agent/blob/main/hermes_cli/gateway.py'],
  recognises: program =>
    (program.name === 'hermes' || program.name === 'hermes_cli.main') && runsGateway(program),
  // It connects to messengers; its API server is off unless a file under ~/.hermes turns it on.
  listens: () => [],
  probes: { liveness: undefined, readiness: undefined, warmUpSeconds: 120 },
  sendsKeepAlive: undefined,
  sendsReady: undefined,
  memory: { usualMebibytes: undefined, grows: false },
  pitfalls: {},
  recommended: {
    description: 'Hermes Agent gateway',
    command: '%h/.local/bin/hermes gateway run',
    unit: { StartLimitIntervalSec: '0' },
    service: { Restart: 'always', RestartSec: '5' },
  },
};

/** `hermes [--profile NAME] gateway [run]`, but not `gateway status` and the like. */
function runsGateway(program: Program): boolean {
  const { args } = program;
  let start = 0;
  while (args[start]?.startsWith('-')) start += valued.has(args[start] ?? '') ? 2 : 1;
  const next = args[start + 1];
  const runs = next === undefined || next === 'run' || /^[-$]/.test(next);
  return args[start] === 'gateway' && runs && !hasFlag(program, '--help', '-h', '--version');
}

const valued: ReadonlySet<string> = new Set(['--profile', '-p']);
