import { describe, expect, it } from 'vitest';
import { withLanguage, withProbes } from '../../src/config/edit.ts';

describe('probes written into a configuration', () => {
  it('make a new one', () => {
    expect(withProbes('', ['litellm.service', 'copilot-api.service'])).toBe(
      'units:\n  litellm:\n    probe: auto\n  copilot-api:\n    probe: auto\n',
    );
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
  relay:
    # nothing yet
    probe: auto
  agent:
    probe: auto
`);
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

  it('is set where the mapping is written in one line, is empty, or says another', () => {
    expect(set('notify: {log: 3}\n')).toBe('notify: {log: 3, language: zh-CN}\n');
    expect(set('notify:\n')).toBe('notify:\n  language: zh-CN\n');
    expect(set('notify:')).toBe('notify:\n  language: zh-CN\n');
    expect(set('notify:\n  language: en\n')).toBe('notify:\n  language: zh-CN\n');
  });
});
