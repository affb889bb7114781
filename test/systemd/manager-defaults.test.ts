import { describe, expect, it } from 'vitest';
import { readManagerConfiguration } from '../../src/systemd/manager-defaults.ts';
import { hostOf, type RootOptions, type Tree } from '../support/root.ts';
import { settings } from '../support/services.ts';

const read = (tree: Tree, options: RootOptions = {}) => readManagerConfiguration(hostOf(tree, options));
const restartSec = (tree: Tree, options: RootOptions = {}) => read(tree, options).defaults.DefaultRestartSec;
const conf = (seconds: number) => `[Manager]\nDefaultRestartSec=${seconds}\n`;

describe('section 4', () => {
  it('the defaults: 100ms, 10s, 5 starts, 90s, 90s, stop', () => {
    const { defaults, files } = read({});
    expect(files).toEqual([]);
    expect(defaults).toMatchObject({
      DefaultRestartSec: { value: 100_000, source: null },
      DefaultStartLimitIntervalSec: { value: 10_000_000 },
      DefaultStartLimitBurst: { value: 5 },
      DefaultTimeoutStartSec: { value: 90_000_000 },
      DefaultTimeoutStopSec: { value: 90_000_000 },
      DefaultOOMPolicy: { value: 'stop' },
    });
  });

  it('every default set in [Manager] counts for services, with its line', () => {
    const lines = [
      'DefaultRestartSec=3',
      'DefaultStartLimitIntervalSec=1min',
      'DefaultStartLimitBurst=9',
      'DefaultTimeoutStartSec=0',
      'DefaultTimeoutStopSec=7',
      'DefaultOOMPolicy=continue',
    ];
    const found = settings('', {}, { 'etc/systemd/user.conf': `[Manager]\n${lines.join('\n')}\n` });
    const at = (line: number) => ({ file: '/etc/systemd/user.conf', line });
    expect(found).toMatchObject({
      RestartSec: { value: 3_000_000, source: at(2) },
      StartLimitIntervalSec: { value: 60_000_000, source: at(3) },
      StartLimitBurst: { value: 9, source: at(4) },
      TimeoutStartSec: { value: Number.POSITIVE_INFINITY, source: at(5) },
      TimeoutStopSec: { value: 7_000_000, source: at(6) },
      OOMPolicy: { value: 'continue', source: at(7) },
    });
  });

  it('user manager: user.conf of the home comes before that of /etc, and only the first is read', () => {
    const tree = { 'home/kuma/.config/systemd/user.conf': conf(1), 'etc/systemd/user.conf': conf(2) };
    expect(restartSec(tree).source?.file).toBe('/home/kuma/.config/systemd/user.conf');
    expect(read(tree).files).toHaveLength(1);
    expect(restartSec({ 'etc/systemd/user.conf': conf(2) }).value).toBe(2_000_000);
    expect(restartSec({ 'usr/lib/systemd/user.conf': conf(3) }).source).toBeNull();
  });

  it('then user.conf.d/*.conf of the home, /etc, /run, /usr/local/lib and /usr/lib, sorted by name, the first of a name', () => {
    const { files, defaults } = read({
      'etc/systemd/user.conf': conf(1),
      'usr/lib/systemd/user.conf.d/90-last.conf': conf(90),
      'usr/local/lib/systemd/user.conf.d/40.conf': conf(40),
      'run/systemd/user.conf.d/30.conf': conf(30),
      'etc/systemd/user.conf.d/20.conf': conf(20),
      'usr/lib/systemd/user.conf.d/20.conf': conf(21),
      'home/kuma/.config/systemd/user.conf.d/10.conf': conf(10),
      'etc/systemd/user.conf.d/.hidden.conf': conf(5),
      'etc/systemd/user.conf.d/95.txt': conf(95),
    });
    expect(files).toEqual([
      '/etc/systemd/user.conf',
      '/home/kuma/.config/systemd/user.conf.d/10.conf',
      '/etc/systemd/user.conf.d/20.conf',
      '/run/systemd/user.conf.d/30.conf',
      '/usr/local/lib/systemd/user.conf.d/40.conf',
      '/usr/lib/systemd/user.conf.d/90-last.conf',
    ]);
    expect(defaults.DefaultRestartSec.value).toBe(90_000_000);
  });

  it('the system manager reads system.conf, outside /etc since 256', () => {
    const tree = { 'usr/lib/systemd/system.conf': conf(4), 'etc/systemd/user.conf': conf(5) };
    expect(restartSec(tree, { scope: 'system', version: 255 }).value).toBe(100_000);
    expect(restartSec(tree, { scope: 'system', version: 256 }).value).toBe(4_000_000);
  });

  it('what is invalid or unknown is noted, and the value before it counts', () => {
    const { defaults, ignored } = read({
      'etc/systemd/user.conf': `${conf(2)}DefaultRestartSec=soon\nDefaultRestart=1\n[Service]\nRestart=no\n`,
    });
    expect(defaults.DefaultRestartSec.value).toBe(2_000_000);
    expect(ignored.map(line => [line.source.line, line.problem.code])).toEqual([
      [3, 'bad-value'],
      [4, 'unknown-setting'],
      [5, 'unknown-section'],
    ]);
  });
});
