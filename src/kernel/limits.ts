/** Limits of Linux (limits.h), in bytes. */

/** The longest name of a file, without the NUL byte that ends it. */
export const nameMax = 255;

/** The longest path, with the NUL byte that ends it. */
export const pathMax = 4096;
