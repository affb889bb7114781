/** Asks OpenClaw itself whether it takes a configuration that is not there yet. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Inventory } from '../inventory/inventory.ts';
import { isMapping, itemsOf } from '../json/value.ts';
import { givenCommandLine } from '../programs/command.ts';
import { type ProgramResult, runProgram } from '../programs/run.ts';
import type { OpenclawCommand } from './live/agent-turn.ts';
import { gatewayEnvironment } from './live/gateway-environment.ts';
import { openclawCommand } from './live/openclaw-command.ts';
import type { FailoverPlan, PlannedGateway } from './plan.ts';

type Verdict =
  | { readonly kind: 'accepted' }
  /** In OpenClaw's own words; no value is part of them. */
  | { readonly kind: 'rejected'; readonly said: string }
  /** There is no such command, or it does not know how to validate. */
  | { readonly kind: 'not-asked' };

export interface JudgedGateway {
  readonly gateway: PlannedGateway;
  readonly verdict: Verdict;
}

/**
 * Has OpenClaw look at each configuration that would change, up to the first that it rejects. Of an unpacked machine nothing
 * is run.
 *
 * @param own environment of this run
 */
export async function openclawVerdicts(
  { gateways }: FailoverPlan,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<readonly JudgedGateway[]> {
  const judged: JudgedGateway[] = [];
  for (const gateway of gateways.filter(({ isChanged }) => isChanged)) {
    const verdict: Verdict =
      inventory.host.kind === 'live' ? await openclawVerdict(gateway, inventory, own) : { kind: 'not-asked' };
    judged.push({ gateway, verdict });
    if (verdict.kind === 'rejected') break;
  }
  return judged;
}

/**
 * `openclaw config validate` on a copy of all files as they will be, in a folder of their own: what they take in by relative
 * paths is found there. State, and with it plugins, is that of the real one.
 *
 * Run: openclaw 2026.9.6. A variable without a value is none of its concern.
 *
 * @param own environment of this run
 */
async function openclawVerdict(
  { gateway, texts }: PlannedGateway,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const { argv, environment } = await commandFor(gateway.unit, inventory, own);
  const folder = fs.mkdtempSync(path.join(privateFolder(own), 'daruma-openclaw-'));
  try {
    const { file, config } = gateway;
    const home = path.dirname(file);
    for (const [each, text] of texts) {
      const below = path.relative(home, each);
      // A file from elsewhere is named by its whole path, and read where it is.
      if (below.startsWith('..')) continue;
      const copy = path.join(folder, below);
      fs.mkdirSync(path.dirname(copy), { recursive: true, mode: 0o700 });
      fs.writeFileSync(copy, text, { mode: 0o600 });
    }
    const roots = [environment['OPENCLAW_INCLUDE_ROOTS'], home].filter(
      each => each !== undefined && each !== '',
    );
    const ownEnvironment = {
      ...environment,
      OPENCLAW_CONFIG_PATH: path.join(folder, path.basename(file)),
      OPENCLAW_STATE_DIR: path.dirname(config.environmentFile),
      OPENCLAW_INCLUDE_ROOTS: roots.join(':'),
    };
    const command = givenCommandLine([...argv, 'config', 'validate', '--json']);
    return verdictOf(
      await runProgram(command, { environment: ownEnvironment, timeoutMs: limitMs, outputBytes: 2 ** 20 }),
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** In memory, and gone with the session, where there is one (pam_systemd(8)). */
function privateFolder({ XDG_RUNTIME_DIR: runtime }: NodeJS.ProcessEnv): string {
  return runtime !== undefined && fs.existsSync(runtime) ? runtime : os.tmpdir();
}

/** How OpenClaw is called for a gateway: as its service runs it, else by its name. */
async function commandFor(
  unit: string | null,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<OpenclawCommand> {
  if (unit === null) return openclawCommand(undefined, own);
  const { program } = inventory.service(unit);
  const environment = program && (await gatewayEnvironment(unit, inventory));
  return openclawCommand(program && environment && { program, environment }, own);
}

/** A command of OpenClaw takes some seconds, on a machine that is short of everything many. */
const limitMs = 90_000;

function verdictOf({ stdout, failure }: ProgramResult): Verdict {
  if (failure === undefined) return { kind: 'accepted' };
  try {
    const answer: unknown = JSON.parse(stdout.slice(stdout.indexOf('{')));
    if (!isMapping(answer) || answer['valid'] !== false) return { kind: 'not-asked' };
    const issues = itemsOf(answer['issues']).filter(isMapping);
    const [first] = issues.map(issue => `${String(issue['path'])}: ${String(issue['message'])}`);
    return { kind: 'rejected', said: first ?? 'invalid' };
  } catch {
    return { kind: 'not-asked' };
  }
}
