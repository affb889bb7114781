import type { Machine } from '../../restart/fall.ts';
import { predictOutcome, type ServiceFacts } from '../../restart/outcome.ts';
import type { OpenclawConfig } from '../../services/openclaw-config.ts';
import { configurationOf, startsUnconfigured } from '../../services/openclaw-gateway.ts';
import { type OpenclawRefusal, openclawRefusals, startRefusal } from '../../services/openclaw-schema.ts';
import { openclawVersion } from '../../services/openclaw-version.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface OpenclawConfigInvalid {
  /** The configuration, which may include the file that is wrong. */
  readonly file: string;
  readonly refusal: OpenclawRefusal;
  /** Whether OpenClaw itself calls the configuration valid, and a gateway does not start with it. */
  readonly isValid: boolean;
  /**
   * Whether systemd starts the service again after such an end; `prevented`: not, for its `RestartPreventExitStatus=`. Null where no
   * service reads the configuration.
   */
  readonly restart: 'again' | 'never' | 'prevented' | null;
}

/** A configuration that OpenClaw refuses: a running OpenClaw ignores the edit, but its next start fails. */
export const openclawConfigInvalid: ServiceRule<'openclaw-config-invalid', OpenclawConfigInvalid> = {
  id: 'openclaw-config-invalid',
  severity: 'critical',
  needs: 'home',
  judges: 'service',
  keepsDown: true,
  *check({ known, facts }, { inventory }) {
    if (known?.service.id !== 'openclaw-gateway') return;
    const { program } = known;
    const config = configurationOf(program);
    if (config === undefined) return;
    const refusals = refusalsOf(config, openclawVersion(program), startsUnconfigured(program));
    if (refusals.all.length > 0) yield* faults(config, refusals, restartOf(facts, inventory.machine));
  },
  // One that no service reads.
  *beside(context) {
    for (const { unit, config, version, allowsUnconfigured } of context.routes().own.gateways) {
      if (unit !== null) continue;
      for (const fault of faults(config, refusalsOf(config, version, allowsUnconfigured), null))
        yield { ...fault, unit };
    }
  },
};

interface Refusals {
  readonly all: readonly OpenclawRefusal[];
  readonly isValid: boolean;
}

function refusalsOf(config: OpenclawConfig, version: string | undefined, isAllowed: boolean): Refusals {
  const refusals = openclawRefusals(config, version);
  const start = isAllowed ? undefined : startRefusal(config);
  const all = start === undefined || refusals.some(meansMode) ? refusals : [...refusals, start];
  return { all, isValid: refusals.length === 0 };
}

function* faults(
  { file }: OpenclawConfig,
  { all, isValid }: Refusals,
  restart: OpenclawConfigInvalid['restart'],
): Iterable<Fault<OpenclawConfigInvalid>> {
  for (const refusal of all)
    yield { source: refusal.source, details: { file, refusal, isValid, restart }, changes: [] };
}

/** Whether `gateway.mode` is there, and written wrong. */
function meansMode(refusal: OpenclawRefusal): boolean {
  if (refusal.code !== 'unknown-key') return false;
  const { key, suggestion } = refusal;
  return key.startsWith('gateway.') ? suggestion === 'mode' : !key.includes('.') && suggestion === 'gateway';
}

function restartOf(facts: ServiceFacts, machine: Machine): 'again' | 'never' | 'prevented' {
  const { restarts, because } = predictOutcome(facts, { kind: 'exit', status: refusedStatus }, machine);
  if (because.some(({ code }) => code === 'restart-prevented')) return 'prevented';
  return restarts ? 'again' : 'never';
}

/** EX_CONFIG of sysexits.h, with which OpenClaw ends (run: openclaw 2026.9.6). */
const refusedStatus = 78;
