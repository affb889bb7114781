import { describe, expect, it } from 'vitest';
import { withProbes } from '../../src/config/edit.ts';

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
