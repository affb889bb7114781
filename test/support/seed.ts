/**
 * The seed of property tests. It is fixed, so that runs of the same code have the same result; continuous integration sets another
 * one by `DARUMA_SEED`. A failure reports its seed and path.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['DARUMA_SEED'] ?? 1) });
