import { describe, expect, it } from 'vitest';
import { stateFolderOf } from '../../src/store/state-folder.ts';

describe('the state folder of a user', () => {
  it.each([
    [{ XDG_STATE_HOME: '/s', HOME: '/h' }, '/s/daruma'],
    [{ HOME: '/h' }, '/h/.local/state/daruma'],
    [{ XDG_STATE_HOME: '', HOME: '/h' }, '/h/.local/state/daruma'],
    [{ XDG_STATE_HOME: 'rel', HOME: '/h' }, '/h/.local/state/daruma'],
    [{ XDG_STATE_HOME: 'rel', HOME: 'rel' }, undefined],
    [{ HOME: '' }, undefined],
    [{}, undefined],
  ])('%j: %s', (environment, folder) => {
    expect(stateFolderOf('user', environment)).toBe(folder);
  });
});
