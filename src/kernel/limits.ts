/** Limits of Linux (limits.h), in bytes. */

/** The longest name of a file, without the NUL byte that ends it. */
export const nameMax = 255;

/** The longest path, with the NUL byte that ends it. */
export const pathMax = 4096;

/** The most bytes of a file that the kernel reads to find the interpreter that its first line names (`BINPRM_BUF_SIZE`). */
export const longestFirstLine = 256;
