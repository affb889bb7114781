import { type OpenclawRefusal, openclawRefusals, startRefusal } from '../../services/openclaw-schema.ts';
import { routeRule } from '../routes.ts';

export interface OpenclawConfigInvalid {
  /** The configuration, which may include the file that is wrong. */
  readonly file: string;
  readonly refusal: OpenclawRefusal;
}

/** A configuration that OpenClaw refuses: a running OpenClaw ignores the edit, but its next start fails. */
export const openclawConfigInvalid = routeRule<'openclaw-config-invalid', OpenclawConfigInvalid>(
  { id: 'openclaw-config-invalid', severity: 'critical' },
  function* ({ own }) {
    for (const { unit, file, config, version, allowsUnconfigured } of own.gateways) {
      const start = allowsUnconfigured ? undefined : startRefusal(config);
      for (const refusal of [...openclawRefusals(config, version), ...(start === undefined ? [] : [start])]) {
        yield { unit, source: refusal.source, details: { file, refusal }, changes: [] };
      }
    }
  },
);
