import { describe, expect, it } from 'vitest';
import { unitSearchPath, userConfigHome } from '../../src/systemd/search-path.ts';

const kuma = { HOME: '/home/kuma', XDG_RUNTIME_DIR: '/run/user/1000' };

describe('section 5: the unit path', () => {
  it('of the user manager, in order', () => {
    expect(unitSearchPath('user', kuma, 252)).toEqual([
      '/home/kuma/.config/systemd/user.control',
      '/run/user/1000/systemd/user.control',
      '/run/user/1000/systemd/transient',
      '/run/user/1000/systemd/generator.early',
      '/home/kuma/.config/systemd/user',
      '/etc/xdg/systemd/user',
      '/etc/systemd/user',
      '/run/user/1000/systemd/user',
      '/run/systemd/user',
      '/run/user/1000/systemd/generator',
      '/home/kuma/.local/share/systemd/user',
      '/usr/local/share/systemd/user',
      '/usr/share/systemd/user',
      '/usr/local/lib/systemd/user',
      '/usr/lib/systemd/user',
      '/run/user/1000/systemd/generator.late',
    ]);
  });

  it('follows XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CONFIG_DIRS and XDG_DATA_DIRS', () => {
    const found = unitSearchPath(
      'user',
      { ...kuma, XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_CONFIG_DIRS: '/e:/f/', XDG_DATA_DIRS: '/g' },
      252,
    );
    expect(found).toEqual(
      expect.arrayContaining(['/c/systemd/user.control', '/c/systemd/user', '/d/systemd/user']),
    );
    expect(found.indexOf('/e/systemd/user')).toBeLessThan(found.indexOf('/f//systemd/user'));
    expect(found).toContain('/g/systemd/user');
    expect(found).not.toContain('/etc/xdg/systemd/user');
    expect(userConfigHome({ HOME: '/h', XDG_CONFIG_HOME: '' })).toBe('/h/.config');
    expect(userConfigHome({})).toBeUndefined();
  });

  it('is replaced by SYSTEMD_UNIT_PATH, which a colon at its end puts before the defaults', () => {
    expect(unitSearchPath('user', { SYSTEMD_UNIT_PATH: '/a:/b/:/a' }, 252)).toEqual(['/a', '/b']);
    const appended = unitSearchPath('user', { ...kuma, SYSTEMD_UNIT_PATH: '/a:' }, 252);
    expect(appended.slice(0, 2)).toEqual(['/a', '/home/kuma/.config/systemd/user.control']);
    expect(unitSearchPath('user', { ...kuma, SYSTEMD_UNIT_PATH: ':/a' }, 252)).not.toContain('/a');
  });

  it('has directories for attached portable services of users since 260', () => {
    expect(unitSearchPath('user', kuma, 259).filter(directory => directory.endsWith('attached'))).toEqual([]);
    expect(
      unitSearchPath('user', kuma, 260).filter(directory => directory.endsWith('attached')),
    ).toHaveLength(2);
  });

  it('of the system manager has /lib first of the packages until 254', () => {
    const older = unitSearchPath('system', {}, 254);
    expect(older.indexOf('/lib/systemd/system')).toBe(older.indexOf('/usr/lib/systemd/system') - 1);
    expect(unitSearchPath('system', {}, 255)).not.toContain('/lib/systemd/system');
    expect(older.slice(0, 5)).toEqual([
      '/etc/systemd/system.control',
      '/run/systemd/system.control',
      '/run/systemd/transient',
      '/run/systemd/generator.early',
      '/etc/systemd/system',
    ]);
  });
});
