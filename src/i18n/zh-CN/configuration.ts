import type { Expectation, ConfigurationFault, SyntaxFault } from '../../config/problem.ts';
import type { ConfigurationTexts } from '../configuration-texts.ts';

export const configuration: ConfigurationTexts = {
  fault: describeFault,
  knownHere: keys => `这里可用的有：${keys}`,
  problems: (file, count) => `配置文件 ${file} 有 ${count} 处问题`,
  note: note =>
    note.code === 'no-such-unit'
      ? `这里没有 ${note.unit}`
      : `probe: auto 不起作用，因为 daruma 不了解 ${note.unit} 会怎样应答，请为它写明探针`,
  ownValues: '你设置的值：',
  defaultValues: '默认值：',
  line: line => `第 ${line} 行`,
  noFile: places => `没有配置文件，也不是必须有。查找过的位置：${places}`,
  notThere: (file, isNamed) => `${file} 不存在${isNamed ? '' : '，也不是必须有'}`,
  nowhere: '存放 unit 的目录没有自己的配置，请用 --config 指定',
  valid: file => `${file} 没有问题`,
};

function describeFault(fault: ConfigurationFault): string {
  switch (fault.code) {
    case 'syntax':
      return syntaxFaults[fault.fault];
    case 'unknown-key':
      return `没有“${fault.key}”这个键`;
    case 'unknown-rule':
      return `没有“${fault.rule}”这条规则`;
    case 'needs-one-of':
      return fault.keys.length === 1
        ? `缺少键 ${fault.keys.join()}`
        : `必须有以下键之一：${fault.keys.join('、')}`;
    case 'only-one-of':
      return `以下键只能写一个：${fault.keys.join('、')}`;
    case 'repeated-unit':
      return `${fault.unit} 重复了，第 ${fault.line} 行已经写过`;
    case 'repeated-channel':
      return `第 ${fault.line} 行已有名为 ${fault.name} 的渠道，请用 name 为其中一个另取名称`;
    case 'repeated-node':
      return `第 ${fault.line} 行已有名为 ${fault.name} 的节点：一台机器只能是一个节点`;
    case 'not-one-of':
      return `应为以下之一：${fault.choices.join('、')}`;
    case 'unexpected':
      return `应为${expectations[fault.expected]}`;
    default:
      return fault satisfies never;
  }
}

const syntaxFaults: Readonly<Record<SyntaxFault, string>> = {
  'not-utf8': '从这里起不是 UTF-8',
  tab: 'YAML 用空格缩进，不能用制表符',
  indentation: '这里的缩进不对，或者有括号没有闭合',
  'not-closed': '缺少引号、括号或逗号',
  'too-deep': '嵌套层数超过 daruma 会读取的上限（200 层）',
  'too-large': '超过 daruma 读取配置文件的大小上限（1 MiB）',
  'nested-key': '同一行里，一个键的后面不能再写另一个带值的键',
  'duplicate-key': '这个键重复了',
  'several-documents': '从这里起是第二个 YAML 文档，一个文件只能有一个',
  alias: '这个别名没有指向任何内容，或者绕成了一圈',
  tag: '标签（tag）在这里没有意义',
  escape: '这个转义序列没有意义',
  other: '这不是合法的 YAML',
};

/** Texts that follow 应为, with a space before those that begin with a Latin letter. */
const expectations: Readonly<Record<Expectation, string>> = {
  mapping: '键和值',
  list: '至少有一项的列表',
  text: '文本',
  boolean: ' true 或 false',
  reason: '一句说明原因的文本',
  'service-name': '服务名，可以省略 .service',
  probe: ' auto，或者写有 http、tcp、unix、command 之一的键值',
  secret: '密钥所在位置：env:NAME、file:/PATH、credential:NAME 或 openclaw:KEY',
  chat: '聊天的数字编号，或频道的 @名称',
  'priority-to-5': '整数（1 到 5）',
  'priority-to-10': '整数（1 到 10）',
  'mail-address': '电子邮件地址',
  'mail-server': '邮件服务器 HOST 或 HOST:PORT，例如 smtp.example.org:465',
  'clock-time': '形如 22:30 的时刻',
  'line-count': '整数（0 到 100）',
  'http-url': '以 http:// 或 https:// 开头、不含密码的地址',
  'server-url': '以 http:// 或 https:// 开头、不含路径的地址（主题应写入 topic 键）',
  'http-status': ' HTTP 状态码，100 到 599',
  'host-and-port': ' HOST:PORT，例如 127.0.0.1:4000',
  'absolute-path': '绝对路径',
  command: '由程序和参数组成的列表',
  count: '不小于 1 的整数',
  'time-span': '时间长度，例如 30s 或 5min',
  'time-span-or-zero': '时间长度，例如 0、30s 或 5min',
};
