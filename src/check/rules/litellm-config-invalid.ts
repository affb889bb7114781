import { litellmConfigOf } from '../../services/litellm.ts';
import { type RefusedKey, refusedKeys } from '../../services/litellm-refusals.ts';
import { litellmRule } from '../litellm.ts';

/** `file` is the configuration, or one that it includes. */
export type LitellmConfigInvalid =
  /** The file is no YAML. Columns count from 1. `isAtEnd`: it ends before it is complete. */
  | { readonly kind: 'syntax'; readonly file: string; readonly column: number; readonly isAtEnd: boolean }
  /** A value of which LiteLLM makes nothing, for all that it is YAML. */
  | { readonly kind: 'value'; readonly file: string; readonly key: RefusedKey }
  /** `context_window_fallbacks` with names where a list of models belongs: LiteLLM starts, and falls back from every other model to the last name. */
  | { readonly kind: 'misread'; readonly file: string; readonly to: string };

/** A configuration that LiteLLM cannot read: a running LiteLLM has read what was there before, and its next start fails. */
export const litellmConfigInvalid = litellmRule<'litellm-config-invalid', LitellmConfigInvalid>(
  { id: 'litellm-config-invalid', severity: 'critical', needs: 'units', keepsDown: true },
  function* (program) {
    const config = litellmConfigOf(program);
    const bare = config?.fallbacks.findLast(
      ({ kind, isBare }) => kind === 'context_window_fallbacks' && isBare === true,
    );
    if (bare !== undefined) {
      const { source, to } = bare;
      const details = { kind: 'misread', file: source.file, to: to.join() } as const;
      yield { severity: 'warning', source, details, changes: [] };
    }
    for (const problem of config?.problems ?? []) {
      if (problem.code === 'bad-syntax') {
        const { source, column, isAtEnd } = problem;
        yield { source, details: { kind: 'syntax', file: source.file, column, isAtEnd }, changes: [] };
      } else if (problem.code === 'bad-value') {
        const { source } = problem;
        const key = refusedKeys.find(each => each === problem.key) ?? '';
        yield { source, details: { kind: 'value', file: source.file, key }, changes: [] };
      }
    }
  },
);
