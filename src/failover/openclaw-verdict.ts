/** Asks OpenClaw itself whether it accepts a configuration before that is written. */
import path from 'node:path';
import type { Inventory } from '../inventory/inventory.ts';
import { isMapping, itemsOf } from '../json/value.ts';
import { givenCommandLine } from '../programs/command.ts';
import { type ProgramResult, runProgram } from '../programs/run.ts';
import type { OpenclawCommand } from './live/agent-turn.ts';
import { gatewayEnvironment } from './live/gateway-environment.ts';
import { openclawCommand, openclawText } from './live/openclaw-command.ts';
import type { FailoverPlan, PlannedGateway } from './plan.ts';
import { inPrivateFolder, writePrivately } from './private-folder.ts';

type Verdict =
  | { readonly kind: 'accepted' }
  /** The message of OpenClaw, which contains no values. */
  | { readonly kind: 'rejected'; readonly said: string }
  /** OpenClaw's command was not found. */
  | { readonly kind: 'not-found' }
  /** The machine does not run here, or the command gave no verdict. */
  | { readonly kind: 'not-asked' };

export interface JudgedGateway {
  readonly gateway: PlannedGateway;
  readonly verdict: Verdict;
  /** The command that judges the configuration as it is, for a person. */
  readonly validation: string;
}

/**
 * Lets OpenClaw validate each configuration that would change, up to the first one that it rejects. For a machine that is not
 * live, nothing is run.
 *
 * @param own environment of daruma
 */
export async function openclawVerdicts(
  { gateways }: FailoverPlan,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<readonly JudgedGateway[]> {
  const judged: JudgedGateway[] = [];
  for (const gateway of gateways.filter(({ isChanged }) => isChanged)) {
    const { unit } = gateway.gateway;
    const isLive = inventory.host.kind === 'live';
    const verdict: Verdict = isLive ? await openclawVerdict(gateway, inventory, own) : { kind: 'not-asked' };
    judged.push({ gateway, verdict, validation: await validationOf(unit, inventory, own) });
    if (verdict.kind === 'rejected') break;
  }
  return judged;
}

/**
 * Runs `openclaw config validate` on a copy of all new files in a private folder, so that relative includes are found there.
 * State and plugins are those of the real configuration.
 *
 * Tried with openclaw 2026.9.6, which does not complain about a variable without a value.
 *
 * @param own environment of daruma
 */
async function openclawVerdict(
  { gateway, texts }: PlannedGateway,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const { argv, environment } = await openclawFor(gateway.unit, inventory, own);
  return inPrivateFolder(own, 'openclaw', async folder => {
    const { file, config } = gateway;
    const home = path.dirname(file);
    for (const [each, text] of texts) {
      const below = path.relative(home, each);
      // A file outside this folder is included by its absolute path, and read from there.
      if (!below.startsWith('..')) writePrivately(path.join(folder, below), text);
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
  });
}

/** The OpenClaw command for a gateway: the one of its service, or else the plain name. */
export async function openclawFor(
  unit: string | null,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<OpenclawCommand> {
  const { host } = inventory;
  if (unit === null) return openclawCommand(undefined, host, own);
  const { program } = inventory.service(unit);
  const environment = program && (await gatewayEnvironment(unit, inventory));
  return openclawCommand(program && environment && { program, environment }, host, own);
}

/** The command with which a person has OpenClaw judge the configuration of a gateway. */
export async function validationOf(
  unit: string | null,
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<string> {
  return openclawTextFor(unit, ['config', 'validate'], inventory, own);
}

/** A command of OpenClaw for a gateway, for a person: found where daruma itself finds it. */
export async function openclawTextFor(
  unit: string | null,
  words: readonly string[],
  inventory: Inventory,
  own: NodeJS.ProcessEnv,
): Promise<string> {
  return openclawText(await openclawFor(unit, inventory, own), words, own);
}

/** An OpenClaw command takes some seconds, and many on an overloaded machine. */
const limitMs = 90_000;

function verdictOf({ stdout, failure }: ProgramResult): Verdict {
  if (failure === undefined) return { kind: 'accepted' };
  if (failure.code === 'not-found') return { kind: 'not-found' };
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
