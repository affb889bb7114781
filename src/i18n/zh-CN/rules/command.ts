import type { ShellSyntax } from '../../../check/rules/shell-syntax.ts';
import type { VersionManager } from '../../../check/version-managers.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { effectsOf, shellRemedies, type ShellRemedyTexts } from '../../shell-syntax-parts.ts';

export const command: GroupTexts<'command'> = {
  'shell-syntax': {
    title: '命令使用了 systemd 不认识的 shell 语法',
    message: ({ directive, found }) =>
      `${directive}= 使用了 systemd 不认识的 shell 语法：${found.map(({ symbol }) => symbol).join(' ')}`,
    why: details => shellEffects(details).join(''),
    remedy: (details, { scope }) => shellRemedies(details, shellRemedyTexts(scope)).join(''),
  },
  'exec-missing': {
    title: '命令所需的程序或脚本不存在',
    message: ({ directive, path, role, script }) =>
      role === 'interpreter'
        ? `${directive}= 无法运行 ${script ?? ''}：解释器 ${path} 不存在`
        : role === 'script'
          ? `${directive}= 要运行的脚本不存在：${path}`
          : `${directive}= 指定的程序不存在：${path}`,
    why: ({ directive, role }) => `${failures[role]}。${consequences[directive]}`,
    remedy: ({ directive, path, role, versionManager }) =>
      versionManager === null
        ? `${role === 'script' ? '把脚本放到该路径' : `安装提供 ${path} 的软件`}，或更正 ${directive}= 的路径。`
        : `该目录属于${managerNames[versionManager]}中的某个版本，已被删除：请让 ${directive}= 使用不随版本变化的路径。`,
  },
  'exec-not-executable': {
    title: '命令对应的文件无法执行',
    message: ({ directive, path, problem }) =>
      problem === 'directory'
        ? `${directive}= 指定的是目录，而不是程序：${path}`
        : `${directive}= 指定的文件没有执行权限：${path}`,
    why: ({ directive, role }) => `${failures[role]}。${consequences[directive]}`,
    remedy: ({ directive, path, problem }) =>
      problem === 'directory'
        ? `在 ${directive}= 中写程序本身的路径。`
        : `运行“chmod +x ${path}”，或在 ${directive}= 中把解释器写在它前面。`,
  },
  'exec-version-manager-path': {
    title: '命令的路径经过某个版本专用的目录',
    message: ({ directive, manager, folder }) =>
      `${directive}= 的路径经过${managerNames[manager]}的目录，更新后该目录会消失：${folder}`,
    why: () => '该版本被删除后，正在运行的服务不受影响，但下一次启动会失败，而那可能是几周以后。',
    remedy: ({ directive }) =>
      `把程序安装到路径固定的位置（系统软件包，或给 npm 设置独立的 prefix），并在 ${directive}= 中使用该路径。`,
  },
  'working-directory-missing': {
    title: '工作目录不存在',
    message: ({ path, isFile }) =>
      isFile ? `WorkingDirectory= 不是目录：${path}` : `WorkingDirectory= 指定的目录不存在：${path}`,
    why: () =>
      '每次启动都会在程序运行之前失败（状态码 200/CHDIR）；ExecStartPre= 同样会失败，所以无法用它来创建该目录。',
    remedy: ({ path, isFile }) =>
      isFile
        ? '在 WorkingDirectory= 中写一个目录。'
        : `创建 ${path}，或更正 WorkingDirectory=；如果希望由 systemd 创建目录，请使用 StateDirectory=。`,
  },
  'environment-file-missing': {
    title: '环境变量文件不存在',
    message: ({ path, isPattern }) =>
      isPattern
        ? `EnvironmentFile= 没有匹配到任何文件：${path}`
        : `EnvironmentFile= 指定的文件不存在：${path}`,
    why: () =>
      '启动会在创建任何进程之前失败，结果为“resources”；即使 ExecStartPre= 本来会生成这个文件，它也不会运行。',
    remedy: ({ path, isPattern }) =>
      `创建${isPattern ? '匹配该模式的文件' : ` ${path}`}；如果服务没有它也能运行，请写成 EnvironmentFile=-${path}。`,
  },
};

function shellEffects({ program, found }: ShellSyntax): readonly string[] {
  return effectsOf(found).map(({ kind, symbol, isDropped }) => {
    switch (kind) {
      case 'builtin':
      case 'assignment':
        return `systemd 会去找名为“${symbol}”的程序：它后面的内容不会运行。`;
      case 'list':
      case 'pipe':
        return `${program} 会把“${symbol}”之后的内容全都当作参数：第二个命令永远不会运行。`;
      case 'background':
      case 'comment':
        return `${program} 会把“${symbol}”当作参数。`;
      case 'redirection':
        return `${program} 会把“${symbol}”当作参数，不会打开任何文件。`;
      case 'substitution':
        return isDropped
          ? '不会运行任何命令：systemd 会丢弃以“$(”开头的词，并把后面的内容原样传递。'
          : `不会运行任何命令：${program} 收到的是原文。`;
      case 'variable':
        return 'systemd 把 $ 之后的全部内容当作变量名。没有变量叫这个名字，所以整个词会被丢弃。';
      case 'expansion':
        return isDropped
          ? `systemd 把花括号里的内容当作变量名。没有变量叫这个名字，所以“${symbol}”变为空。`
          : `systemd 只认识 \${NAME}：${program} 收到的是“${symbol}”原文。`;
      case 'pattern':
      case 'home':
        return `${program} 会把“${symbol}”当作文件名的一部分。`;
      default:
        return kind satisfies never;
    }
  });
}

function shellRemedyTexts(scope: 'user' | 'system'): ShellRemedyTexts {
  return {
    shell: "把整行放进 /bin/sh -c '…'，要让 shell 看到的 $ 和 % 写成 $$ 和 %%。",
    shellWithoutAmpersand:
      "去掉末尾的 &，把整行放进 /bin/sh -c '…'，要让 shell 看到的 $ 和 % 写成 $$ 和 %%。",
    workingDirectory: '用 WorkingDirectory= 代替 cd，并让这一行以程序开头。',
    exec: '去掉 exec。',
    environment: '另起一行设置 Environment=NAME=VALUE，并让这一行以程序开头。',
    background: '去掉 &；需要与它同时运行的程序应有自己的 unit。',
    output:
      '去掉它，改为设置 StandardOutput=append:FILE（/dev/null 对应 StandardOutput=null）；StandardError= 默认与它相同。',
    input: '去掉它，改为设置 StandardInput=file:FILE。',
    variable: '要由 systemd 替换的变量写成 ${NAME}，要让 shell 看到的 $ 写成 $$。',
    expansion: '写成 ${NAME}，并用 Environment=NAME=VALUE 设置默认值；要让 shell 看到的 $ 写成 $$。',
    home: scope === 'user' ? '把 ~/ 写成 %h/。' : '把 ~/ 写成完整路径。',
    comment: '把注释移到单独的一行。',
  };
}

/** 命令如何失败。 */
const failures = {
  program: 'systemd 无法执行它（状态码 203/EXEC）',
  interpreter: 'systemd 无法执行它（状态码 203/EXEC）',
  wrapped: '负责启动它的命令会立即报错退出',
  script: '解释器会立即报错退出',
} as const;

/** 命令失败之后会怎样。 */
const consequences = {
  ExecCondition: '条件失败会跳过这次启动：服务不会运行，也不会被重启。',
  ExecStartPre: 'ExecStartPre= 失败即启动失败：程序本身不会运行。',
  ExecStart: '下一次以及之后的每一次启动都会失败。已在运行的进程会一直运行到那时。',
  ExecStartPost: 'ExecStartPost= 失败会终止主进程，哪怕主进程本身是健康的。',
  ExecStop: '这次停止会被记为失败，该命令本应完成的收尾工作也不会执行。',
  ExecStopPost: '正常退出会被记为失败，该命令本应清理的东西会留下来。',
} as const;

const managerNames = {
  nvm: ' nvm ',
  fnm: ' fnm ',
  volta: ' Volta ',
  asdf: ' asdf ',
  mise: ' mise ',
  pyenv: ' pyenv ',
  rbenv: ' rbenv ',
  pnpm: ' pnpm 存储',
  npx: ' npx 缓存',
  uv: ' uv 缓存',
  homebrew: ' Homebrew ',
} as const satisfies Record<VersionManager, string>;
