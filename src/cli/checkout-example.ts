import path from 'node:path';

/**
 * The example that a checkout shows where there is nothing else; undefined in the installed package, which runs from
 * JavaScript and has no examples.
 */
export const checkoutExample: string | undefined = import.meta.filename.endsWith('.ts')
  ? path.join(import.meta.dirname, '../../examples/neko')
  : undefined;
