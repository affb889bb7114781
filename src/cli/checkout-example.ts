import path from 'node:path';

/**
 * The example that a checkout shows when the machine has no services to show; undefined in the installed package, which runs
 * from JavaScript.
 */
export const checkoutExample: string | undefined = import.meta.filename.endsWith('.ts')
  ? path.join(import.meta.dirname, '../../examples/neko')
  : undefined;
