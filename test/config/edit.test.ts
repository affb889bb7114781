import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withChannel, withLanguage, withProbes } from '../../src/config/edit.ts';
import { readConfiguration } from '../../src/config/read.ts';

describe('probes written into a configuration', () => {
  it('make a new one', () => {
    expect(withProbes('', ['litellm.service', 'copilot-api.service'])).toBe(
      'units:\n  litellm:\n    probe: auto\n  copilot-api:\n    probe: auto\n',
    );
  });

  it.each([
    ['units:\n  litellm: &a\n    critical: false\n  relay: *a\n', { critical: false }],
    ['units:\n  other: &a {critical: false}\n  litellm: *a\n  relay: *a\n', { critical: false }],
    ['units:\n  litellm: &a\n  relay: *a\n  other: *a\n', {}],
  ])('keep what an alias stands for: %j', (text, own) => {
    const units = { litellm: { ...own, probe: 'auto' }, relay: { ...own, probe: 'auto' } };
    expect(parse(withProbes(text, ['litellm.service', 'relay.service']))).toMatchObject({ units });
  });

  it('leave what is there as it is: comments, order, quoting', () => {
    const text = `# mine
rules: {linger-off: info} # really

units:
  # the proxy
  litellm.service:
    critical: "true" # said so
  relay: # nothing yet
`;
    expect(withProbes(text, ['litellm.service', 'relay.service', 'agent.service'])).toBe(`# mine
rules: {linger-off: info} # really

units:
  # the proxy
  litellm.service:
    critical: "true" # said so
    probe: auto
  relay: # nothing yet
    probe: auto
  agent:
    probe: auto
`);
  });

  it.each([
    ['units: {a: {critical: false}}   # odd   spacing\n', 'false', 'false, probe: auto'],
    ['units: { a: { critical: false, }, }\n', 'false', 'false, probe: auto'],
    ['units:\r\n   a:   {}    # none\r\n', '{}', '{probe: auto}'],
    [
      'units:\n      a:     # two   kinds\n\n\nnodes:   []\n',
      '# two   kinds\n',
      '# two   kinds\n        probe: auto\n',
    ],
    [
      'units:\n  a:\n    critical:   no    # yet\nrules:   {}   # none',
      '# yet\n',
      '# yet\n    probe: auto\n',
    ],
    [
      'units:\n  a:\n    ignore:\n      linger-off: |\n        two\n        lines\n',
      'lines\n',
      'lines\n    probe: auto\n',
    ],
    ['units: # mine\n  b: {critical:   true}      # last', '# last', '# last\n  a:\n    probe: auto\n'],
    [
      'rules:   {linger-off:   info}     # really\n',
      '# really\n',
      '# really\nunits:\n  a:\n    probe: auto\n',
    ],
    ['units:   {}    # none\n', '{}', '{a: {probe: auto}}'],
  ])('leave every other byte of %j', (text, old, now) => {
    const written = withProbes(text, ['a.service']);
    expect(written).toBe(text.replace(old, now));
    expect(parse(written).units.a.probe).toBe('auto');
  });

  it('fill in units: without a value', () => {
    expect(withProbes('units:\n', ['a.service'])).toBe('units:\n  a:\n    probe: auto\n');
  });
});

describe('the language of messages written into a configuration', () => {
  const set = (text: string) => withLanguage(text, 'zh-CN');

  it('makes a new one, and a new part of one', () => {
    expect(set('')).toBe('notify:\n  language: zh-CN\n');
    expect(set('rules: {linger-off: info} # mine')).toBe(
      'rules: {linger-off: info} # mine\nnotify:\n  language: zh-CN\n',
    );
    expect(set('# nothing yet\n')).toBe('# nothing yet\nnotify:\n  language: zh-CN\n');
  });

  it('leaves every other byte as it is', () => {
    const text = `units: {a: {critical: false}}   # odd   spacing

notify:   # who is told
    # the family
    channels:
        -   {type: desktop}
    after:    "30s"

nodes: []
`;
    expect(set(text)).toBe(text.replace('# who is told\n', '# who is told\n    language: zh-CN\n'));
    expect(set('notify:\r\n  log: 3\r\n')).toBe('notify:\r\n  language: zh-CN\r\n  log: 3\r\n');
  });

  it.each([
    ['notify:   {log:   3}    # who\n', '3}', '3, language: zh-CN}'],
    ['rules:   {}   # none\nnotify:\n  language:   en    # of mine\n', 'en ', 'zh-CN '],
  ])('leaves every other byte of %j', (text, old, now) => {
    expect(set(text)).toBe(text.replace(old, now));
  });

  it('is set where the mapping is written in one line, is empty, or says another', () => {
    expect(set('notify: {log: 3}\n')).toBe('notify: {log: 3, language: zh-CN}\n');
    expect(set('notify:\n')).toBe('notify:\n  language: zh-CN\n');
    expect(set('notify:')).toBe('notify:\n  language: zh-CN\n');
    expect(set('notify:\n  language: en\n')).toBe('notify:\n  language: zh-CN\n');
  });
});

describe('a channel written into a configuration', () => {
  const channel = { type: 'telegram', token: 'openclaw:channels.telegram', chat: 42 } as const;
  const item = ['- type: telegram', '  token: openclaw:channels.telegram', '  chat: 42', ''];
  const indented = (indent: string) => item.map(line => (line === '' ? '' : indent + line)).join('\n');

  it('makes a new one, and a new part of one', () => {
    expect(withChannel('', channel)).toBe(`notify:\n  channels:\n${indented('    ')}`);
    const text = '# mine\nrules: {linger-off: info} # really\n';
    expect(withChannel(text, channel)).toBe(`${text}notify:\n  channels:\n${indented('    ')}`);
  });

  it('leaves every other byte of blocks as it is, comments and line ends too', () => {
    const head = 'notify: # who\n   # the family\n   channels: # all\n';
    const rest =
      '   # first\n   -   {type: desktop}   # here\n   after:    "30s"\nunits: {a: {critical: false}}\n';
    expect(withChannel(head + rest, channel)).toBe(head + indented('   ') + rest);
    expect(withChannel('notify:\r\n  after: 3s\r\n', channel)).toBe(
      `notify:\r\n  channels:\r\n${indented('    ').replaceAll('\n', '\r\n')}  after: 3s\r\n`,
    );
  });

  it.each([
    ['notify:   {after:   3s}    # who\n', '3s}', '3s, channels: [{'],
    ['rules:   {}   # none\nnotify:\n  channels:   [{type:   desktop}]     # mine\n', '[{type:   d', '[{'],
    ['rules:   {}   # none\nnotify:\n  channels:   []     # mine\n', '[]', '[{'],
  ])('leaves every other byte of %j', (text, old, now) => {
    const written = withChannel(text, channel);
    const at = text.indexOf(old);
    expect(written.startsWith(text.slice(0, at) + now)).toBe(true);
    expect(written.endsWith(text.slice(at + old.length))).toBe(true);
    expect(parse(written).notify.channels[0]).toEqual(channel);
  });

  it.each([
    'notify:\n',
    'notify: {}\n',
    'notify:\n  channels:\n',
    'notify:\n  channels: []\n',
    'notify: {after: 3s, channels: [{type: desktop}]}',
    'notify: {channels: [{type: desktop}]} # here\n',
    '"notify":\n  "channels":\n  - {type: desktop}',
    'notify: &n\n  channels: &c\n  - {type: desktop}\n',
    '# only a comment',
    '---\nnotify:\n    channels:\n        - type: desktop\n...\n',
  ])('is the first of %j, and the file stays valid', text => {
    for (const more of [
      {},
      { name: 'no', chat: '@kuma', api: 'http://127.0.0.1:9/x', token: 'file:/a b: #c' },
    ]) {
      const written = withChannel(text, { ...channel, ...more });
      const before = parse(text)?.notify?.channels ?? [];
      expect(parse(written).notify.channels).toEqual([{ ...channel, ...more }, ...before]);
      expect(readConfiguration(Buffer.from(written), 'x')).toHaveProperty('written');
      expect(written).toContain(/#.*/.exec(text)?.[0] ?? '');
    }
  });
});
