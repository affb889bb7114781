/**
 * The seed of properties: always the same, so that a run says the same of the same code; another one with `DARUMA_SEED`, as
 * continuous integration asks for. What fails is told with its seed and its path.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['DARUMA_SEED'] ?? 1) });
