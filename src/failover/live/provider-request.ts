/**
 * What a provider of OpenClaw adds to its requests: headers (a login page in front of a machine wants them) and certificate
 * authorities of its own. What daruma cannot add is named, since its answer would be about another request.
 *
 * Source: docs.openclaw.ai/gateway/config-tools/custom-providers, `headers` and `request`.
 */
import { certificatesIn } from '../../http/trust.ts';
import { secretText } from '../../secrets/openclaw-secret.ts';
import { type ConfigNode, entriesOf, nodeAt, scalarOf, textOf } from '../../services/config-node.ts';
import type { OpenclawConfig } from '../../services/openclaw-config.ts';

export interface ProviderRequest {
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** In PEM; they replace those that the gateway trusts. Undefined where the provider has none. */
  readonly authorities: readonly string[] | undefined;
  /** Settings that daruma cannot follow, as keys below the provider. */
  readonly notFollowed: readonly string[];
}

/**
 * @param provider its entry
 * @param row the model that is asked for, where the provider declares it: it may have headers of its own
 */
export function providerRequest(
  provider: ConfigNode | undefined,
  row: ConfigNode | undefined,
  config: OpenclawConfig,
): ProviderRequest {
  const notFollowed: string[] = [];
  const headers: Record<string, string> = {};
  // Later ones replace earlier ones of the same name.
  for (const { from, keys, shown } of [
    { from: provider, keys: ['headers'], shown: 'headers' },
    { from: row, keys: ['headers'], shown: 'models[].headers' },
    { from: provider, keys: ['request', 'headers'], shown: 'request.headers' },
  ]) {
    for (const [name, value] of entriesOf(nodeAt(from, ...keys))) {
      const text = readable(value, config);
      if (text === undefined) notFollowed.push(`${shown}.${name}`);
      else headers[name.toLowerCase()] = text;
    }
  }
  const tls = nodeAt(provider, 'request', 'tls');
  const written = nodeAt(tls, 'ca');
  const ca = written === undefined ? undefined : readable(written, config);
  if (written !== undefined && ca === undefined) notFollowed.push('request.tls.ca');
  for (const key of ['cert', 'key', 'serverName', 'insecureSkipVerify']) {
    const value = nodeAt(tls, key);
    if (value !== undefined && scalarOf(value) !== false) notFollowed.push(`request.tls.${key}`);
  }
  if (nodeAt(provider, 'request', 'proxy') !== undefined) notFollowed.push('request.proxy');
  const auth = nodeAt(provider, 'request', 'auth');
  if (auth !== undefined && textOf(nodeAt(auth, 'mode')) !== 'provider-default')
    notFollowed.push('request.auth');
  return { headers, authorities: ca === undefined ? undefined : certificatesIn(ca), notFollowed };
}

/** Undefined also for what OpenClaw has elsewhere: its store, or a program. */
function readable(value: ConfigNode, config: OpenclawConfig): string | undefined {
  try {
    return secretText(value, config);
  } catch {
    return undefined;
  }
}
