import { litellmConfigOf } from '../../services/litellm.ts';
import { type KeyState, masterKeyOf, misplacedKeys, permitsWeakKey } from '../../services/litellm-key.ts';
import { litellmRule } from '../litellm.ts';

export type LitellmMasterKey =
  /** The key that counts is none: LiteLLM does not start with it. */
  | {
      readonly kind: 'refused';
      readonly state: Exclude<KeyState, 'key' | 'unknown'>;
      /** Whether it stands in the configuration, or in the environment. */
      readonly by: 'file' | 'environment';
      /** What has the environment. */
      readonly where: 'service' | 'container';
    }
  /** A key in `litellm_settings`, which LiteLLM never reads; `isOther`: another one counts. */
  | { readonly kind: 'unread'; readonly isOther: boolean }
  /** LITELLM_MASTER_KEY, where another one in the configuration counts before it. */
  | { readonly kind: 'overridden' };

/** A master key of LiteLLM that is not the one that counts, or that LiteLLM does not start with. */
export const litellmMasterKey = litellmRule<'litellm-master-key', LitellmMasterKey>(
  { id: 'litellm-master-key', severity: 'warning', worst: 'critical', needs: 'units' },
  function* (program, where) {
    const config = litellmConfigOf(program);
    const key = masterKeyOf(program, config);
    if (key !== undefined && key.state !== 'key' && key.state !== 'unknown') {
      const { state, by, source } = key;
      if (state !== 'number' && permitsWeakKey(program, config)) return;
      yield { source, severity: 'critical', details: { kind: 'refused', state, by, where }, changes: [] };
    }
    if (config === undefined) return;
    for (const { kind, source } of misplacedKeys(program, config)) {
      const details: LitellmMasterKey = kind === 'unread' ? { kind, isOther: key !== undefined } : { kind };
      yield { source, details, changes: [] };
    }
  },
);
