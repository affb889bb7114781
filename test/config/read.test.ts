import { describe, expect, it } from 'vitest';
import { allRules } from '../../src/check/rules/index.ts';
import { type Configuration, readConfiguration } from '../../src/config/read.ts';

const file = '/home/kuma/.config/daruma/config.yaml';

function read(text: string | Uint8Array): Configuration {
  const result = readConfiguration(Buffer.from(text), file);
  if ('written' in result) return result;
  throw new Error(JSON.stringify(result));
}

/** Each problem as `LINE:COLUMN CODE DETAIL`. */
function problems(text: string | Uint8Array): readonly string[] {
  const result = readConfiguration(Buffer.from(text), file);
  if ('written' in result) return [];
  return result.map(({ line, column, fault }) => {
    const { code, ...more } = fault;
    return `${line}:${column} ${code} ${JSON.stringify(more)}`;
  });
}

describe('what a file may say', () => {
  it.each([
    ['nothing', '', {}],
    ['comments alone', '# units:\n', {}],
    ['empty rooms', 'rules:\nunits:\n', { rules: null, units: null }],
    ['a unit and nothing about it', 'units:\n  litellm:\n', { units: { litellm: null } }],
    ['a byte order mark', '\ufeffunits: {}', { units: {} }],
    ['Windows line ends', 'units:\r\n  x: {critical: false}\r\n', { units: { x: { critical: false } } }],
    ['off, which is a text in YAML 1.2', 'rules: {linger-off: off}', { rules: { 'linger-off': 'off' } }],
    ['a unit called like a number', 'units: {1: {}}', { units: { 1: {} } }],
    ['an instance', 'units: {proxy@blue: {}}', { units: { 'proxy@blue': {} } }],
    [
      'aliases',
      'units: {a: {probe: &p {tcp: "[::1]:80"}}, b: {probe: *p}}',
      { units: { a: { probe: { tcp: '[::1]:80' } }, b: { probe: { tcp: '[::1]:80' } } } },
    ],
  ])('%s', (_, text, written) => {
    expect(read(text).written).toEqual(written);
  });

  it.each([
    'auto',
    '{http: "http://127.0.0.1:4000/health", status: [200, 204], body: alive}',
    '{http: "https://[::1]/", interval: 1min 30s, timeout: 0.5, failures: 1, grace: 0}',
    '{tcp: "localhost:65535"}',
    '{unix: /run/user/1000/x.sock}',
    '{command: [/bin/true]}',
  ])('the probe %s', probe => {
    expect(problems(`units: {x: {probe: ${probe}}}`)).toEqual([]);
  });

  it('every rule, at every severity', () => {
    for (const severity of ['off', 'info', 'warning', 'critical']) {
      const text = allRules.map(({ id }) => `  ${id}: ${severity}\n`).join('');
      expect(problems(`rules:\n${text}`)).toEqual([]);
    }
  });
});

describe('what is wrong, and where', () => {
  it.each([
    [
      'an unknown key',
      'units: {}\nruls: {}',
      '2:1 unknown-key {"key":"ruls","known":["rules","units","notify","nodes"],"suggestion":"rules"}',
    ],
    [
      'one unlike any other',
      'geese: x',
      '1:1 unknown-key {"key":"geese","known":["rules","units","notify","nodes"]}',
    ],
    [
      'keys of objects everywhere',
      'constructor: 1',
      '1:1 unknown-key {"key":"constructor","known":["rules","units","notify","nodes"]}',
    ],
    [
      '__proto__',
      '__proto__: 1',
      '1:1 unknown-key {"key":"__proto__","known":["rules","units","notify","nodes"]}',
    ],
    [
      'an unknown rule',
      'rules:\n  lingr-off: info',
      '2:3 unknown-rule {"rule":"lingr-off","suggestion":"linger-off"}',
    ],
    [
      'a rule to ignore that is none',
      'units: {x: {ignore: {nope: why}}}',
      '1:22 unknown-rule {"rule":"nope"}',
    ],
    ['no reason', 'units: {x: {ignore: {linger-off: }}}', '1:22 unexpected {"expected":"reason"}'],
    [
      'a severity',
      'rules: {linger-off: warnin}',
      '1:21 not-one-of {"choices":["off","info","warning","critical"],"suggestion":"warning"}',
    ],
    [
      'a severity of YAML 1.1',
      '%YAML 1.1\n---\nrules: {linger-off: off}',
      '3:21 not-one-of {"choices":["off","info","warning","critical"]}',
    ],
    ['a list of units', 'units: [litellm]', '1:8 unexpected {"expected":"mapping"}'],
    ['a whole file that is a text', 'litellm', '1:1 unexpected {"expected":"mapping"}'],
    ['a timer', 'units:\n  a.timer: {}', '2:3 unexpected {"expected":"service-name"}'],
    ['a template', 'units: {a@: {}}', '1:9 unexpected {"expected":"service-name"}'],
    ['no name at all', 'units: {"a b": {}}', '1:9 unexpected {"expected":"service-name"}'],
    ['a boolean of YAML 1.1', 'units: {x: {critical: yes}}', '1:23 unexpected {"expected":"boolean"}'],
    ['a channel of no kind', 'notify:\n  channels:\n    - chat: 5', '3:7 needs-one-of {"keys":["type"]}'],
    [
      'a channel of a kind that there is not',
      'notify: {channels: [{type: telegarm, chat: 5}]}',
      '1:28 not-one-of {"choices":["telegram","ntfy","slack","discord","webhook","email","gotify","apprise","matrix","desktop","command"],"suggestion":"telegram"}',
    ],
    [
      'a channel that lacks something',
      'notify: {channels: [{type: telegram, token: "env:T"}]}',
      '1:21 needs-one-of {"keys":["chat"]}',
    ],
    [
      'a key that only another channel has',
      'notify: {channels: [{type: slack, url: "env:U", topic: a}]}',
      '1:49 unknown-key {"key":"topic","known":["type","name","url"]}',
    ],
    [
      'a secret instead of where it is',
      'notify: {channels: [{type: slack, url: "https://hooks.slack.com/services/T0/B0/x"}]}',
      '1:40 unexpected {"expected":"secret"}',
    ],
    [
      'one channel twice',
      'notify:\n  channels:\n    - {type: desktop}\n    - {type: command, name: desktop, command: [a]}',
      '4:7 repeated-channel {"name":"desktop","line":3}',
    ],
    [
      'one machine twice',
      'nodes:\n  - {name: neko, url: "https://neko.example.com"}\n  - {name: neko, url: "https://n.example.com"}',
      '3:5 repeated-node {"name":"neko","line":2}',
    ],
    [
      'a key instead of where it is',
      'nodes: [{name: neko, url: "https://neko.example.com", key: sk-real}]',
      '1:60 unexpected {"expected":"secret"}',
    ],
    [
      'an hour of the day that is none',
      'notify: {quiet: {from: "24:00", to: "7:30"}}',
      '1:24 unexpected {"expected":"clock-time"}',
      '1:37 unexpected {"expected":"clock-time"}',
    ],
    [
      'one unit twice',
      'units:\n  litellm: {}\n  litellm.service: {}',
      '3:3 repeated-unit {"unit":"litellm.service","line":2}',
    ],
  ])('%s', (_, text, ...all) => {
    expect(problems(text)).toEqual(all);
  });

  it.each([
    ['a word', 'atuo', '1:20 unexpected {"expected":"probe"}'],
    ['a list', '[http]', '1:20 unexpected {"expected":"probe"}'],
    ['nothing to ask', '{timeout: 3s}', '1:13 needs-one-of {"keys":["http","tcp","unix","command"]}'],
    ['two things to ask', '{tcp: "a:1", http: "http://a/"}', '1:13 only-one-of {"keys":["http","tcp"]}'],
    [
      'a mistyped kind',
      '{htp: "http://a/"}',
      '1:21 unknown-key {"key":"htp","known":["http","tcp","unix","command"],"suggestion":"http"}',
    ],
    [
      'a mistyped setting',
      '{tcp: "a:1", timout: 3s}',
      '1:33 unknown-key {"key":"timout","known":["tcp","interval","timeout","failures","grace"],"suggestion":"timeout"}',
    ],
    [
      'a setting of another kind',
      '{tcp: "a:1", body: x}',
      '1:33 unknown-key {"key":"body","known":["tcp","interval","timeout","failures","grace"]}',
    ],
    ['another scheme', '{http: "ftp://a/"}', '1:27 unexpected {"expected":"http-url"}'],
    ['a password', '{http: "http://me:secret@a/"}', '1:27 unexpected {"expected":"http-url"}'],
    ['no scheme', '{http: "127.0.0.1:4000"}', '1:27 unexpected {"expected":"http-url"}'],
    [
      'a status that is none',
      '{http: "http://a/", status: [200, 99]}',
      '1:54 unexpected {"expected":"http-status"}',
    ],
    ['no statuses', '{http: "http://a/", status: []}', '1:48 unexpected {"expected":"list"}'],
    ['no port', '{tcp: localhost}', '1:26 unexpected {"expected":"host-and-port"}'],
    ['port 0', '{tcp: "a:0"}', '1:26 unexpected {"expected":"host-and-port"}'],
    ['port 65536', '{tcp: "a:65536"}', '1:26 unexpected {"expected":"host-and-port"}'],
    ['a relative path', '{unix: x.sock}', '1:27 unexpected {"expected":"absolute-path"}'],
    ['a command line', '{command: /bin/true -x}', '1:30 unexpected {"expected":"command"}'],
    ['no failure', '{tcp: "a:1", failures: 0}', '1:43 unexpected {"expected":"count"}'],
    ['half a failure', '{tcp: "a:1", failures: 1.5}', '1:43 unexpected {"expected":"count"}'],
    ['an interval of nothing', '{tcp: "a:1", interval: 0}', '1:43 unexpected {"expected":"time-span"}'],
    [
      'an interval without end',
      '{tcp: "a:1", interval: infinity}',
      '1:43 unexpected {"expected":"time-span"}',
    ],
    ['an interval that is none', '{tcp: "a:1", interval: soon}', '1:43 unexpected {"expected":"time-span"}'],
    ['a grace below nothing', '{tcp: "a:1", grace: -1}', '1:40 unexpected {"expected":"time-span-or-zero"}'],
  ])('a probe with %s', (_, probe, problem) => {
    expect(problems(`units: {x: {probe: ${probe}}}`)).toEqual([problem]);
  });

  it('a topic in the address of ntfy, where JSON becomes the message, and no query, which may have a token', () => {
    const ntfy = (server: string) =>
      problems(`notify: {channels: [{type: ntfy, topic: t, server: "${server}"}]}`);
    expect(ntfy('https://ntfy.sh/t')).toEqual(['1:52 unexpected {"expected":"server-url"}']);
    expect(ntfy('https://ntfy.example.com/?auth=x')).toEqual([]);
    expect(ntfy('https://ntfy.example.com')).toEqual([]);
  });

  it.each([
    ['a tab', 'units:\n\tx: {}', '2:1', 'tab'],
    ['an open bracket', 'units: {x: {}', '1:14', 'not-closed'],
    ['an open quote', 'units: "x', '1:10', 'not-closed'],
    ['a list that the last line opens', 'units: [\n\n', '1:9', 'not-closed'],
    ['a key behind a key', 'units: x: y', '1:8', 'nested-key'],
    ['a key twice', 'rules:\n  linger-off: off\n  linger-off: info\n', '3:3', 'duplicate-key'],
    ['two documents', 'units: {}\n---\nunits: {}', '2:1', 'several-documents'],
    ['an alias to nothing', 'units: *x', '1:8', 'alias'],
    ['a tag', 'units: !secret {}', '1:8', 'tag'],
    ['an escape', 'units: "\\q"', '1:9', 'escape'],
    ['a list as a key', '? [a]\n: b', '1:3', 'other'],
  ])('no YAML: %s', (_, text, where, fault) => {
    expect(problems(text)).toEqual([`${where} syntax {"fault":"${fault}"}`]);
  });

  it('what is not UTF-8', () => {
    expect(problems(Buffer.from('units:\n  # caf\xe9\n', 'latin1'))).toEqual([
      '2:8 syntax {"fault":"not-utf8"}',
    ]);
  });

  it('everything at once, in the order of the lines, what is used twice only once', () => {
    const text =
      'x: 1\nunits:\n  a: {critical: 3, probe: &p {tcp: x}}\n  b: {probe: *p, ignore: 3}\nrules: 3\n';
    expect(problems(text).map(problem => problem.split(' ')[0])).toEqual([
      '1:1',
      '3:17',
      '3:36',
      '4:26',
      '5:8',
    ]);
  });

  it('ends on files that are meant to exhaust it', () => {
    const bomb = 'abcdefgh'
      .split('')
      .map((name, index, all) =>
        `${name}: &${name} [${`*${all[index - 1]},`.repeat(9)}]`.replaceAll('*undefined', '1'),
      )
      .join('\n');
    expect(problems(bomb)).toEqual(['1:1 syntax {"fault":"alias"}']);
    expect(problems('['.repeat(100_000))).toHaveLength(1);
    expect(problems('a: &x {b: *x}')).toHaveLength(1);
  });
});

describe('where a value stands', () => {
  const configuration = read(
    'units:\n  litellm:\n    probe:\n      http: http://a/\n      timeout: 5s\n  b:\n    probe: &p {tcp: "a:1"}\n  c:\n    probe: *p\n',
  );

  it.each([
    [['units', 'litellm'], 2],
    [['units', 'litellm', 'probe', 'timeout'], 5],
    [['units', 'c', 'probe'], 9],
    [['units', 'c', 'probe', 'tcp'], 7],
  ])('%j', (path, line) => {
    expect(configuration.sourceOf(path)).toEqual({ file, line });
  });

  it.each([[['rules', 'linger-off']], [['units', 'litellm', 'critical']], [['units', 'x', 'probe', 'tcp']]])(
    '%j is a default',
    path => {
      expect(configuration.sourceOf(path)).toBeNull();
    },
  );
});
