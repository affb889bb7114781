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
  'litellm-master-key': {
    title: 'LiteLLM 的主密钥是空的，或者不是真正起作用的那个',
    message: details => {
      switch (details.kind) {
        case 'refused':
          return refusedKey[details.state];
        case 'unread':
          return 'LiteLLM 不读取 litellm_settings.master_key：主密钥应写在 general_settings 里';
        case 'overridden':
          return 'LITELLM_MASTER_KEY 不起作用：general_settings.master_key 是另一个密钥，并且优先';
        default:
          return details satisfies never;
      }
    },
    why: details => {
      switch (details.kind) {
        case 'refused':
          return `每次启动都以状态 3 结束（实测：LiteLLM 1.108.7）。${olderVersions[details.state]}`;
        case 'unread':
          return details.isOther
            ? '起作用的是另一个密钥：修改这一行没有任何效果。'
            : '除非在 .env 里找到密钥，否则 LiteLLM 没有主密钥：启动以状态 3 结束（实测：LiteLLM 1.108.7），旧版本则对任何人都应答。';
        case 'overridden':
          return '带着这个密钥的调用会被拒绝，修改它也没有任何效果。';
        default:
          return details satisfies never;
      }
    },
    remedy: details => {
      switch (details.kind) {
        case 'refused':
          return details.by === 'file'
            ? `在那里写 master_key: os.environ/LITELLM_MASTER_KEY，并在 ${keyFile[details.where]} 指定的文件里把这个变量设成自己的密钥：sk- 加上“openssl rand -hex 32”的输出。`
            : `在 ${keyFile[details.where]} 指定的文件里，把 LITELLM_MASTER_KEY 设成自己的密钥：sk- 加上“openssl rand -hex 32”的输出。`;
        case 'unread':
          return details.isOther ? '删掉这一行。' : '把这一行移到 general_settings。';
        case 'overridden':
          return '如果要用的是这个密钥，就在 general_settings 里写 master_key: os.environ/LITELLM_MASTER_KEY；否则删掉这个变量。';
        default:
          return details satisfies never;
      }
    },
  },
};

const wherein: Readonly<Record<SecretInArguments['how'], (name: string) => string>> = {
  option: name => `：${name}`,
  header: name => `：请求头 ${name}`,
  url: name => `：${name} 的 URL`,
  assignment: name => `：${name}=`,
  value: () => '',
};

/** LiteLLM 不会用来启动的主密钥。 */
const keyFile = { service: 'EnvironmentFile=', container: 'env_file 或 --env-file' } as const;

const refusedKey = {
  public: '主密钥就是各处示例里的那个，LiteLLM 不会用它启动',
  empty: '主密钥是空的，而没有主密钥 LiteLLM 不会启动',
  number: '主密钥是数字而不是文本，LiteLLM 不会用它启动',
} as const;

const olderVersions = {
  public: '旧版本能启动，但这个密钥人人都知道。',
  empty: '旧版本能启动，但不向任何人要密钥。',
  number: '',
} as const;
