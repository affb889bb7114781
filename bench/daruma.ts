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
  const launcher = join(project, 'bin/daruma.cjs');
  return [
    { from: 'checkout', argv: [process.execPath, join(project, 'src/cli/main.ts')] },
    ...(existsSync(join(project, 'dist'))
      ? [{ from: 'build', argv: [process.execPath, launcher] } as const]
      : []),
  ];
}
