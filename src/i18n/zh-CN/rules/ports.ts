import type { ListensOnAllInterfaces } from '../../../check/rules/listens-on-all-interfaces.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { systemctl, whoListens } from '../../shown-commands.ts';

export const ports: GroupTexts<'ports'> = {
  'port-conflict': {
    title: '两个服务使用同一个端口',
    message: ({ port, file, others, moreOthers }) =>
      `要监听端口 ${port}${file === null ? '' : `（来自 ${file}）`}，而 ${named(others, moreOthers)} 也要监听它`,
    why: ({ givenUp, moreGivenUp = 0 }, { unit }) =>
      `先启动的得到端口，另一个无法监听，每次启动都会退出。${
        givenUp.length === 0
          ? 'systemd 会反复重启它，但无济于事。'
          : `systemd 很快就会放弃${givenUp.includes(unit) && givenUp.length === 1 ? '这个服务' : ` ${givenUp.join(' 或 ')}${moreGivenUp === 0 ? '' : ` 等 ${givenUp.length + moreGivenUp} 个服务`}`}，之后即使端口空出来也不再启动。`
      }`,
    remedy: ({ others }, manager) =>
      `给其中一个换端口，或放弃不需要的那个：“${systemctl(manager, ['disable', '--now'], ...others)}”，然后删除它的文件。`,
  },
  'port-silently-random': {
    title: '端口被占用时，服务会改用随机端口',
    message: ({ service, port, now }) =>
      now.kind === 'rivals'
        ? `${service} 要监听端口 ${port}，而 ${named(now.units, now.moreUnits)} 也要监听它`
        : `${service} 监听的是端口 ${now.ports.join('、')}，而不是 ${port}`,
    why: ({ service, port, now }) =>
      now.kind === 'rivals'
        ? `${service} 如果后启动，会不声不响地改用随机端口：systemd 仍显示 active，Restart= 不会起作用，访问端口 ${port} 的请求会落到另一个程序上。${ifFirst[now.ifFirst]}`
        : `它启动时端口 ${port} 已被占用，于是改用了随机端口。systemd 仍显示 active，不会重启它；访问端口 ${port} 的请求会落到另一个程序上，或者没有任何响应。`,
    remedy: ({ service, port, now }, { unit, ...manager }) =>
      now.kind === 'rivals'
        ? `给其中一个换端口。端口只要不是 ${port}，被占用时 ${service} 就会报错退出，systemd 能够发现。`
        : `查出谁占用了端口（“${whoListens(port)}”），停掉它或给它换端口，然后运行“${systemctl(manager, 'restart', unit)}”。`,
  },
  'listens-on-all-interfaces': {
    title: '其他机器无需密钥就能使用该服务',
    message: ({ service, port, exposure }) => exposures[exposure].message(service, port),
    why: ({ exposure, service, newerRefuse }) =>
      `${exposures[exposure].why}${newerRefuse ? `较新版本的 ${service} 没有密钥会拒绝启动。` : ''}`,
    remedy: ({ loopback, setBy, file, keyVariable }) =>
      [
        loopback === null ? '让它只监听本机地址' : loopbackRemedy(loopback, setBy, file),
        ...(keyVariable === null
          ? []
          : [`或者在 EnvironmentFile= 指定的文件（权限 0600）里设置 ${keyVariable}`]),
      ].join('；') + '。',
  },
};

/** The names that are shown, and the total number. */
function named(names: readonly string[], more = 0): string {
  return names.join('、') + (more === 0 ? '' : ` 等 ${names.length + more} 个服务`);
}

const exposures = {
  token: {
    message: (service: string, port: number) => `任何能访问端口 ${port} 的人都能从 ${service} 拿到令牌`,
    why: '它监听所有网络接口，而且不做任何验证：谁拿到令牌，谁就能使用背后的账号。',
  },
  use: {
    message: (service: string, port: number) =>
      `任何能访问端口 ${port} 的人都能使用 ${service}：它不验证密钥`,
    why: '它监听所有网络接口：其他机器可以使用它，费用由你承担，还可能把它占满，让你自己用不上。',
  },
  control: {
    message: (service: string, port: number) => `任何能访问端口 ${port} 的人都是 ${service} 的管理员`,
    why: '它监听所有网络接口，登录又已关闭：其他机器可以读取和修改其中的一切。',
  },
} as const;

function loopbackRemedy(
  loopback: NonNullable<ListensOnAllInterfaces['loopback']>,
  setBy: ListensOnAllInterfaces['setBy'],
  file: string | null,
): string {
  const purpose = '让它只监听本机地址';
  if (loopback.kind === 'option') return `在 ExecStart= 中写上 ${loopback.option}，${purpose}`;
  const assignment = `${loopback.name}=${loopback.value}`;
  if (setBy === 'command') return `在 ExecStart= 中写上 ${assignment}，${purpose}`;
  return file === null
    ? `在 [Service] 中设置 Environment=${assignment}，${purpose}`
    : `在 ${file} 中写上 ${assignment}，${purpose}`;
}

/** 它先启动时，另一个服务会怎样。 */
const ifFirst = {
  dodge: '如果它先启动，另一个服务会遇到同样的情况。',
  fail: '如果它先启动，则另一个服务无法监听。',
  listen: '',
} as const;
