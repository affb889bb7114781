import { litellmConfigOf } from '../../services/litellm.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface LitellmConfigInvalid {
  /** The file that is no YAML: the configuration, or one that it includes. */
  readonly file: string;
  /** Counts from 1. */
  readonly column: number;
}

/** A configuration that LiteLLM cannot read: a running LiteLLM has read what was there before, and its next start fails. */
export const litellmConfigInvalid: ServiceRule<'litellm-config-invalid', LitellmConfigInvalid> = {
  id: 'litellm-config-invalid',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  *check({ known }): Iterable<Fault<LitellmConfigInvalid>> {
    const config = known?.service.id === 'litellm' ? litellmConfigOf(known.program) : undefined;
    for (const problem of config?.problems ?? []) {
      if (problem.code !== 'bad-syntax') continue;
      const { source, column } = problem;
      yield { source, details: { file: source.file, column }, changes: [] };
    }
  },
};
