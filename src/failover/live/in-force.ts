/**
 * Asks a running gateway whether it works with the providers of its configuration. A gateway reads its configuration again when
 * it changes, but its `.env` only when it starts: a provider whose key is new there stays without a key.
 *
 * Tried with openclaw 2026.9.6: `secrets reload` does not read the `.env` either, `models.list` shows which configuration is
 * loaded, and `status` names each provider without a key and no values.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fieldOf, itemsOf, textIn } from '../../json/value.ts';
import { givenCommandLine } from '../../programs/command.ts';
import { runProgram } from '../../programs/run.ts';
import type { OpenclawCommand } from './agent-turn.ts';

/** `cold`: it has no key for one of the providers. `unknown`: it did not answer, or has not loaded the configuration. */
export type Grip = 'in-force' | 'cold' | 'unknown';

/**
 * Asks until the answer is final, or the time is over. It never throws.
 *
 * @param providers ids of the providers
 * @param isFinal whether another answer need not be waited for; a gateway that is not restarted does not get a key any more
 */
export async function gripOf(
  providers: readonly string[],
  command: OpenclawCommand,
  patienceMs: number,
  isFinal = (grip: Grip) => grip !== 'unknown',
): Promise<Grip> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const grip = await askOnce(providers, command);
    if (isFinal(grip) || performance.now() > endMs) return grip;
    await sleep(pauseMs);
  }
}

const pauseMs = 1_000;

async function askOnce(providers: readonly string[], command: OpenclawCommand): Promise<Grip> {
  // The models come first: what is loaded then is what the second answer is about.
  const models = itemsOf(fieldOf(await call('models.list', command), 'models'));
  const loaded = new Set(models.map(model => textIn(model, 'provider')));
  if (!providers.every(id => loaded.has(id))) return 'unknown';
  const degraded = fieldOf(await call('status', command), 'degradedSecretOwners');
  // An older OpenClaw does not report it.
  if (!Array.isArray(degraded)) return 'unknown';
  const isCold = degraded.some(
    owner => textIn(owner, 'ownerKind') === 'provider' && providers.includes(textIn(owner, 'ownerId') ?? ''),
  );
  return isCold ? 'cold' : 'in-force';
}

async function call(method: string, { argv, environment }: OpenclawCommand): Promise<unknown> {
  const command = givenCommandLine([...argv, 'gateway', 'call', method, '--json']);
  const { stdout, failure } = await runProgram(command, {
    environment,
    timeoutMs: callMs,
    outputBytes: 8 * 2 ** 20,
    endsGroup: true,
  });
  if (failure !== undefined) return undefined;
  try {
    return JSON.parse(stdout.slice(stdout.indexOf('{')));
  } catch {
    return undefined;
  }
}

const callMs = 15_000;
