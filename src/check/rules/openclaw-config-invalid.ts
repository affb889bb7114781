import type { Inventory } from '../../inventory/inventory.ts';
import { predictOutcome } from '../../restart/outcome.ts';
import { type OpenclawRefusal, openclawRefusals, startRefusal } from '../../services/openclaw-schema.ts';
import { routeRule } from '../routes.ts';

export interface OpenclawConfigInvalid {
  /** The configuration, which may include the file that is wrong. */
  readonly file: string;
  readonly refusal: OpenclawRefusal;
  /** Whether OpenClaw itself calls the configuration valid, and a gateway does not start with it. */
  readonly isValid: boolean;
  /**
   * Whether systemd starts the service again after such an end; `prevented`: not, for its `RestartPreventExitStatus=`. Null where no
   * service reads the configuration, or it cannot be told.
   */
  readonly restart: 'again' | 'never' | 'prevented' | null;
}

/** A configuration that OpenClaw refuses: a running OpenClaw ignores the edit, but its next start fails. */
export const openclawConfigInvalid = routeRule<'openclaw-config-invalid', OpenclawConfigInvalid>(
  { id: 'openclaw-config-invalid', severity: 'critical' },
  function* ({ own }, _host, inventory) {
    for (const { unit, file, config, version, allowsUnconfigured } of own.gateways) {
      const refusals = openclawRefusals(config, version);
      const start = allowsUnconfigured ? undefined : startRefusal(config);
      const all = start === undefined || refusals.some(meansMode) ? refusals : [...refusals, start];
      if (all.length === 0) continue;
      const restart = unit === null ? null : restartOf(unit, inventory);
      for (const refusal of all) {
        const isValid = refusals.length === 0;
        yield { unit, source: refusal.source, details: { file, refusal, isValid, restart }, changes: [] };
      }
    }
  },
);

/** Whether `gateway.mode` is there, and written wrong. */
function meansMode(refusal: OpenclawRefusal): boolean {
  if (refusal.code !== 'unknown-key') return false;
  const { key, suggestion } = refusal;
  return key.startsWith('gateway.') ? suggestion === 'mode' : !key.includes('.') && suggestion === 'gateway';
}

function restartOf(unit: string, inventory: Inventory): OpenclawConfigInvalid['restart'] {
  const { facts } = inventory.service(unit);
  if (facts === undefined) return null;
  const { restarts, because } = predictOutcome(
    facts,
    { kind: 'exit', status: refusedStatus },
    inventory.machine,
  );
  if (because.some(({ code }) => code === 'restart-prevented')) return 'prevented';
  return restarts ? 'again' : 'never';
}

/** EX_CONFIG of sysexits.h, with which OpenClaw ends (run: openclaw 2026.9.6). */
const refusedStatus = 78;
