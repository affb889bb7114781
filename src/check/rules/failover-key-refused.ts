import { refusedKeyFiles } from '../refused-key-files.ts';
import type { KeyFileFault } from '../../services/openclaw-key-file.ts';
import { askedProviders } from '../../routes/asked-providers.ts';
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
      const refused = refusedKeyFiles(gateway, [...askedProviders(gateway)], host);
      for (const { provider, file, source, fault, mode: bits } of refused) {
        const isOwn = host.user !== undefined && file.startsWith(`${host.user.home}/`);
        const mode = bits.toString(8).padStart(4, '0');
        yield {
          unit: gateway.unit,
          source,
          details: { provider, file, fault, mode },
          changes: fault === 'open' && isOwn ? [{ kind: 'mode', path: file, mode: 0o600 }] : [],
        };
      }
    }
  },
);
