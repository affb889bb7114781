import type { Expectation, ConfigurationFault, SyntaxFault } from '../../config/problem.ts';
import type { ConfigurationTexts } from '../configuration-texts.ts';

export const configuration: ConfigurationTexts = {
  fault: describeFault,
  knownHere: keys => `known here: ${keys}`,
  problems: (file, count) => `${count} ${count === 1 ? 'problem' : 'problems'} in the configuration ${file}`,
  note: note =>
    note.code === 'no-such-unit'
      ? `there is no ${note.unit} here`
      : `probe: auto has no effect, since daruma does not know what ${note.unit} answers: write a probe for it`,
  ownValues: 'What you have set:',
  defaultValues: 'Defaults:',
  line: line => `line ${line}`,
  noFile: places => `No configuration file, and none is needed. Looked for: ${places}`,
  notThere: (file, isNamed) => `${file} does not exist${isNamed ? '' : '; none is needed'}`,
  nowhere: 'a folder of units has no configuration of its own: name one with --config',
  valid: file => `${file}: no problems`,
};

function describeFault(fault: ConfigurationFault): string {
  switch (fault.code) {
    case 'syntax':
      return syntaxFaults[fault.fault];
    case 'unknown-key':
      return `unknown key "${fault.key}"`;
    case 'unknown-rule':
      return `there is no rule "${fault.rule}"`;
    case 'needs-one-of':
      return fault.keys.length === 1
        ? `the key ${fault.keys.join()} is needed`
        : `one of these keys is needed: ${fault.keys.join(', ')}`;
    case 'only-one-of':
      return `only one of these keys can be given: ${fault.keys.join(', ')}`;
    case 'repeated-unit':
      return `${fault.unit} stands here a second time, after line ${fault.line}`;
    case 'repeated-channel':
      return `there is a channel ${fault.name} already, in line ${fault.line}: give one of them a name`;
    case 'repeated-node':
      return `there is a node ${fault.name} already, in line ${fault.line}: a machine is one node`;
    case 'not-one-of':
      return `expected one of ${fault.choices.join(', ')}`;
    case 'unexpected':
      return `expected ${expectations[fault.expected]}`;
    default:
      return fault satisfies never;
  }
}

const syntaxFaults: Readonly<Record<SyntaxFault, string>> = {
  'not-utf8': 'the file is not UTF-8 from here on',
  tab: 'YAML is indented with spaces, not with tabs',
  indentation: 'the indentation is wrong here, or a bracket is not closed',
  'not-closed': 'a quote, bracket or comma is missing',
  'too-deep': 'more values in each other than daruma looks into (200 levels)',
  'too-large': 'larger than daruma reads a configuration (1 MiB)',
  'nested-key': 'a key with a value cannot stand on the same line behind another key',
  'duplicate-key': 'this key stands here a second time',
  'several-documents': 'a second YAML document begins here: a file holds one',
  alias: 'this alias leads to nothing, or round in a circle',
  tag: 'tags have no meaning here',
  escape: 'this escape sequence has no meaning',
  other: 'this is not valid YAML',
};

const expectations: Readonly<Record<Expectation, string>> = {
  mapping: 'keys with values',
  list: 'a list with at least one entry',
  text: 'a text',
  boolean: 'true or false',
  reason: 'the reason, as a text',
  'service-name': 'the name of a service, with or without .service',
  probe: 'auto, or a mapping with one of http, tcp, unix and command',
  secret: 'where the secret stands: env:NAME, file:/PATH, credential:NAME or openclaw:KEY',
  chat: 'the number of a chat, or the @name of a channel',
  'priority-to-5': 'a whole number from 1 to 5',
  'priority-to-10': 'a whole number from 1 to 10',
  'mail-address': 'an e-mail address',
  'mail-server': 'HOST or HOST:PORT, such as smtp.example.org:465',
  'clock-time': 'a time of day such as 22:30',
  'line-count': 'a whole number from 0 to 100',
  'http-url': 'an address with http:// or https:// and without a password',
  'server-url': 'an address with http:// or https:// and without a path: the topic goes under topic:',
  'http-status': 'an HTTP status from 100 to 599',
  'host-and-port': 'HOST:PORT, such as 127.0.0.1:4000',
  'absolute-path': 'an absolute path',
  command: 'a list of the program and its arguments',
  count: 'a whole number from 1 on',
  'time-span': 'a time span such as 30s or 5min',
  'time-span-or-zero': 'a time span such as 0, 30s or 5min',
};
