import { litellmConfigOf, readsConfigElsewhere } from '../../services/litellm.ts';
import { litellmRule } from '../litellm.ts';

export interface LitellmConfigMissing {
  /** The configuration that the command line names, or a file that a configuration includes. */
  readonly file: string;
  readonly isIncluded: boolean;
}

/**
 * A configuration that is not there: a running LiteLLM has read what was there before, and its next start fails.
 *
 * Run: litellm 1.108.7, `--config` of a file that is gone; read: `_get_config_from_file()`, `read_included()`.
 */
export const litellmConfigMissing = litellmRule<'litellm-config-missing', LitellmConfigMissing>(
  { id: 'litellm-config-missing', severity: 'critical', needs: 'machine', keepsDown: true },
  function* (program) {
    if (readsConfigElsewhere(program)) return;
    const config = litellmConfigOf(program);
    if (config?.state === 'missing') {
      const details = { file: config.file, isIncluded: false };
      yield { source: program.command.source, details, changes: [] };
    }
    for (const problem of config?.problems ?? []) {
      if (problem.code !== 'missing-file' || problem.source === null) continue;
      yield { source: problem.source, details: { file: problem.file, isIncluded: true }, changes: [] };
    }
  },
);
