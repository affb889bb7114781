import { type OpenclawRefusal, openclawRefusals } from '../../services/openclaw-schema.ts';
import { routeRule } from '../routes.ts';

export interface OpenclawConfigInvalid {
  /** The configuration, which may take in the file at fault. */
  readonly file: string;
  readonly refusal: OpenclawRefusal;
}

/** A configuration that OpenClaw refuses: passed over while it runs, and the end of its next start. */
export const openclawConfigInvalid = routeRule<'openclaw-config-invalid', OpenclawConfigInvalid>(
  { id: 'openclaw-config-invalid', severity: 'critical' },
  function* ({ own }) {
    for (const { unit, file, config } of own.gateways) {
      for (const refusal of openclawRefusals(config)) {
        yield { unit, source: refusal.source, details: { file, refusal }, changes: [] };
      }
    }
  },
);
