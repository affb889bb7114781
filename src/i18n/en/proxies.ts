/** What is said of the proxy on the way to whoever is asked. */
import type { ProxyFault, ProxyOnTheWay } from '../../http/connection-fault.ts';

/** What is wrong with a proxy; undefined where nothing is known to be. */
export function proxyFaultText(proxy: ProxyOnTheWay | undefined, status: number | null): string | undefined {
  if (proxy === undefined || proxy.fault === null) return undefined;
  return sentences[proxy.fault](proxy.address) + (status === null ? '' : `, ${status}`);
}

/** Put behind a fault for which the proxy may be to blame as well. */
export function throughProxy(proxy: ProxyOnTheWay | undefined): string {
  return proxy?.fault === null ? ` (asked through the proxy ${proxy.address})` : '';
}

const sentences: Readonly<Record<ProxyFault, (address: string) => string>> = {
  'name-not-found': address => `the host name of the proxy ${address} cannot be resolved`,
  unreachable: address => `the proxy ${address} cannot be reached`,
  'refused-connection': address => `the proxy ${address} does not answer: nobody listens there`,
  timeout: address => `the proxy ${address} does not answer`,
  tls: address => `the certificate of the proxy ${address} is not accepted`,
  unauthorized: address => `the proxy ${address} wants another user name and password`,
  refuses: address => `the proxy ${address} does not let it through`,
};
