import { describe, expect, it } from 'vitest';
import { exitStatusName } from '../../../src/systemd/values/exit-status.ts';
import { setupFailureOf } from '../../../src/systemd/values/setup-failure.ts';

const statuses = Array.from({ length: 256 }, (_, status) => status);

describe('setupFailureOf', () => {
  it('knows every exit status that systemd has for a failed preparation, and no other', () => {
    const known = statuses.filter(status => setupFailureOf(status) !== undefined);
    // 255 is any other failure, of a program as well.
    expect(known).toEqual(statuses.slice(200, 255).filter(status => exitStatusName(status) !== undefined));
    expect(setupFailureOf(209)).toEqual({ step: 'STDOUT', settings: ['StandardOutput='] });
  });
});
