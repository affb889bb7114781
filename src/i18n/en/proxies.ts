/** Texts about the proxy of a request. */
import type { ProxyFault, ProxyOnTheWay } from '../../http/connection-fault.ts';

/** The fault of a proxy; undefined when no fault is known. */
export function proxyFaultText(proxy: ProxyOnTheWay | undefined, status: number | null): string | undefined {
  if (proxy === undefined || proxy.fault === null) return undefined;
  return sentences[proxy.fault](proxy.address) + (status === null ? '' : `, ${status}`);
}

/** Added to a fault that the proxy may have caused. */
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
  'not-http': variable =>
    `the variable ${variable} names no proxy of http:// or https://, the only ones that are used`,
};
