import type { SecretInArguments } from '../../../check/rules/secret-in-arguments.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { systemctl } from '../../shown-commands.ts';

export const secrets: GroupTexts<'secrets'> = {
  'secret-in-unit': {
    title: 'unit 文件里写着密钥',
    message: ({ variables, openBy }) =>
      openBy === 'file'
        ? `Environment= 里写着密钥 ${variables.join('、')}，而且机器上的所有用户都能读取该文件`
        : `Environment= 里写着密钥 ${variables.join('、')}`,
    why: ({ openBy }, manager) =>
      openBy === 'manager'
        ? `无论文件权限如何，“${systemctl(manager, 'show')}”都会把系统服务的环境变量显示给任何用户。`
        : 'unit 文件会被“systemctl cat”显示、被复制到别的机器、被贴进求助帖，密钥也就跟着泄露。',
    remedy: ({ variables }) =>
      `把 ${variables.join('、')} 移到权限为 0600 的文件里，用 EnvironmentFile= 引用；已经暴露的密钥应当更换。`,
  },
  'secret-in-arguments': {
    title: '命令行参数里有密钥',
    message: ({ directive, how, name, program }) =>
      `${directive}= 运行 ${program} 时，参数里带着密钥${wherein[how](name)}`,
    why: ({ isLasting }) =>
      `机器上的任何用户都能看到进程的参数（ps、/proc/PID/cmdline），${isLasting ? '只要服务在运行就一直看得到' : '命令执行期间就看得到'}。`,
    remedy: ({ how, program }) =>
      program === 'curl'
        ? '通过标准输入把 URL 或请求头交给 curl：printf \'url = "..."\\n\' | curl --config -。'
        : how === 'option'
          ? '改用环境变量（来自权限为 0600 的 EnvironmentFile=），或使用指定密钥文件的选项。'
          : '改用环境变量（来自权限为 0600 的 EnvironmentFile=），或写在文件里。',
  },
  'secret-file-readable': {
    title: '所有用户都能读取含有密钥的文件',
    message: ({ file, mode, keys }) =>
      `机器上的所有用户都能读取 ${file}（权限 ${mode}），其中有 ${keys.length} 个密钥：${keys.join('、')}`,
    why: () =>
      '机器上的任何账号、任何程序都能拿走并使用这些密钥：以机器人的身份发消息、消耗 API 额度、打开网关。',
    remedy: ({ file, isOwn }) =>
      `${isOwn ? `运行“chmod 600 ${file}”。` : `运行“chmod o= ${file}”，并确认运行服务的用户仍能读取它。`}如果别人曾经能登录这台机器，请更换这些密钥。`,
  },
};

const wherein: Readonly<Record<SecretInArguments['how'], (name: string) => string>> = {
  option: name => `：${name}`,
  header: name => `：请求头 ${name}`,
  url: name => `：${name} 的 URL`,
  assignment: name => `：${name}=`,
  value: () => '',
};
