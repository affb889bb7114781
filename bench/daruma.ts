/** The variants of daruma that are measured: the checkout, and the build if there is one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Daruma {
  readonly from: 'checkout' | 'build';
  /** The command without arguments. */
  readonly argv: readonly string[];
}

/** The checkout first. */
export function darumas(): readonly Daruma[] {
  const project = join(import.meta.dirname, '..');
  const build = join(project, 'dist/cli/main.js');
  return [
    { from: 'checkout', argv: [process.execPath, join(project, 'src/cli/main.ts')] },
    ...(existsSync(build) ? [{ from: 'build', argv: [process.execPath, build] } as const] : []),
  ];
}
