/** 关于途中代理的文字。 */
import type { ProxyFault, ProxyOnTheWay } from '../../http/connection-fault.ts';

/** 代理自身的问题；不知道有问题时为 undefined。 */
export function proxyFaultText(proxy: ProxyOnTheWay | undefined, status: number | null): string | undefined {
  if (proxy === undefined || proxy.fault === null) return undefined;
  return sentences[proxy.fault](proxy.address) + (status === null ? '' : `，${status}`);
}

/** 代理也可能是原因时，放在故障之后。 */
export function throughProxy(proxy: ProxyOnTheWay | undefined): string {
  return proxy?.fault === null ? `（经代理 ${proxy.address} 访问）` : '';
}

const sentences: Readonly<Record<ProxyFault, (address: string) => string>> = {
  'name-not-found': address => `无法解析代理 ${address} 的主机名`,
  unreachable: address => `无法连通代理 ${address}`,
  'refused-connection': address => `代理 ${address} 没有应答：没有程序在那里监听`,
  timeout: address => `代理 ${address} 没有应答`,
  tls: address => `代理 ${address} 的证书不被接受`,
  unauthorized: address => `代理 ${address} 要求另外的用户名和密码`,
  refuses: address => `代理 ${address} 不放行`,
  'not-http': variable => `变量 ${variable} 指定的不是 http:// 或 https:// 代理，而只有这两种会被使用`,
};
