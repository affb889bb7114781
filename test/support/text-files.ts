import type { OwnFiles } from '../../src/services/own-files.ts';

/** Files that a function knows by their paths; all others are missing, and so is every folder. */
export function textFiles(textOf: (file: string) => string | undefined): OwnFiles {
  return {
    read: file => {
      const text = textOf(file);
      return text === undefined ? { state: 'missing' } : { state: 'read', text };
    },
    readScript: () => ({ state: 'missing' }),
    list: () => undefined,
    resolve: file => file,
  };
}
