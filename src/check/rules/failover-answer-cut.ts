import { proxiesAt } from '../../routes/circles.ts';
import type { Picture } from '../../routes/picture.ts';
import { routeRule } from '../routes.ts';

export type FailoverAnswerCut =
  | {
      readonly kind: 'cut';
      /** How long the upstream may be silent. */
      readonly seconds: number;
      readonly isDefault: boolean;
      /** How long OpenClaw waits; `isSet`: by the configurations that are known, else by itself. */
      readonly waitsSeconds: number;
      readonly isSet: boolean;
    }
  /** Answers are held back until a buffer is full or they are complete; `ignoresHeader`: even where LiteLLM asks for the opposite. */
  | { readonly kind: 'held'; readonly service: string; readonly ignoresHeader: boolean };

/** A reverse proxy in front of the models that ends answers before OpenClaw would, or holds them back. */
export const failoverAnswerCut = routeRule<'failover-answer-cut', FailoverAnswerCut>(
  { id: 'failover-answer-cut', severity: 'warning' },
  function* ({ own, others }) {
    const set = longestWait(own);
    const waitsSeconds = set ?? usualWaitSeconds;
    const told = new Set<string>();
    for (const { pace, leadsTo } of own.entrances) {
      const [proxy] = proxiesAt(leadsTo, own, others) ?? [];
      if (pace === undefined || proxy === undefined) continue;
      const { silenceSeconds, silenceSource, isDefault, holds, holdsSource } = pace;
      const line = `${silenceSource.file}:${silenceSource.line} ${holdsSource.file}:${holdsSource.line}`;
      if (told.has(line)) continue;
      told.add(line);
      const unit = proxy.unit;
      if (silenceSeconds < waitsSeconds) {
        const details = {
          kind: 'cut',
          seconds: silenceSeconds,
          isDefault,
          waitsSeconds,
          isSet: set !== undefined,
        } as const;
        yield { unit, source: silenceSource, details, changes: [] };
      }
      const ignoresHeader = holds === 'always';
      if (ignoresHeader || (holds === 'unless-told' && !asksNotToHold.has(proxy.service))) {
        const details = { kind: 'held', service: proxy.service, ignoresHeader } as const;
        yield { unit, source: holdsSource, details, changes: [] };
      }
    }
  },
);

/** OpenClaw's own limit, which counts without `timeoutSeconds`. */
const usualWaitSeconds = 120;

/** How long the gateways here wait for other machines: those there are taken to have the same configuration. */
function longestWait({ gateways }: Picture): number | undefined {
  const waits = gateways
    .flatMap(({ providers }) => providers)
    .filter(({ leadsTo }) => leadsTo.kind === 'node')
    .map(({ timeoutSeconds }) => timeoutSeconds ?? usualWaitSeconds);
  return waits.length === 0 ? undefined : waits.reduce((longest, each) => Math.max(longest, each));
}

/** Services that send `X-Accel-Buffering: no` with each stream. Read: litellm 1.108.7 (`_sse_stream_headers`). */
const asksNotToHold: ReadonlySet<string> = new Set(['litellm']);
