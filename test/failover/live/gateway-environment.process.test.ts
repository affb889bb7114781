/** Whom a gateway believes: Node's own list of authorities, and what its environment adds. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { authoritiesOfNode } from '../../../src/failover/live/gateway-environment.ts';
import { createAuthority } from '../../support/certificates.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-authority-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('a Node process believes', () => {
  const own = createAuthority(folder, 'own');
  const count = (variables: Readonly<Record<string, string>>) =>
    authoritiesOfNode(name => variables[name]).length;
  const bare = count({});

  it('its own list, and what the environment adds', () => {
    expect(bare).toBeGreaterThan(100);
    expect(authoritiesOfNode(name => ({ NODE_EXTRA_CA_CERTS: own.file })[name])).toContain(
      own.certificate.trim(),
    );
    expect(count({ NODE_EXTRA_CA_CERTS: own.file })).toBe(bare + 1);
    expect(count({ NODE_EXTRA_CA_CERTS: '/nonexistent' })).toBe(bare);
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const endless of [pipe, '/dev/zero', folder])
      expect(count({ NODE_EXTRA_CA_CERTS: endless })).toBe(bare);
  });

  it.each([{ NODE_USE_SYSTEM_CA: '1' }, { NODE_OPTIONS: '--max-old-space-size=9 --use-system-ca' }])(
    "the machine's only when it is told so: %j",
    variables => {
      expect(count(variables)).toBeGreaterThanOrEqual(bare);
      expect(count({ NODE_USE_SYSTEM_CA: '0' })).toBe(bare);
    },
  );
});
