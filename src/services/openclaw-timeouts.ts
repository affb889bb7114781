/** How long OpenClaw waits where its configuration does not say, in seconds. Run: openclaw 2026.9.6. */

/** A silence of a provider without `timeoutSeconds`. */
export const usualSilenceSeconds = 120;

/** A turn of an agent. */
export const usualTurnSeconds = 600;
