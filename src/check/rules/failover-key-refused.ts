import { referredFile } from '../../secrets/openclaw-secret.ts';
import { nodeAt } from '../../services/config-node.ts';
import { type KeyFileFault, keyFileFault } from '../../services/openclaw-key-file.ts';
import { askedProviders } from '../asked-texts.ts';
import { routeRule } from '../routes.ts';

export interface FailoverKeyRefused {
  readonly provider: string;
  readonly file: string;
  readonly fault: KeyFileFault;
  /** Permission bits, as in `0644`. */
  readonly mode: string;
}

/** The file with the key of a provider that agents may ask, as OpenClaw's next start does not take it. */
export const failoverKeyRefused = routeRule<'failover-key-refused', FailoverKeyRefused>(
  { id: 'failover-key-refused', severity: 'warning' },
  function* ({ own }, host) {
    for (const gateway of own.gateways) {
      const { unit, config } = gateway;
      const asked = askedProviders(gateway);
      for (const { id, key } of gateway.providers) {
        const reference = nodeAt(config.root, 'models', 'providers', id, 'apiKey');
        const file = key.kind === 'reference' && asked.has(id) ? referredFile(reference, config) : undefined;
        const fault = file === undefined ? undefined : keyFileFault(file, host);
        if (file === undefined || reference === undefined || fault === undefined) continue;
        const isOwn = host.user !== undefined && file.startsWith(`${host.user.home}/`);
        const mode = (host.files.status(file)?.mode ?? 0).toString(8).padStart(4, '0');
        yield {
          unit,
          source: reference.source,
          details: { provider: id, file, fault, mode },
          changes: fault === 'open' && isOwn ? [{ kind: 'mode', path: file, mode: 0o600 }] : [],
        };
      }
    }
  },
);
