import { proxiesAt } from '../../routes/circles.ts';
import type { Picture } from '../../routes/picture.ts';
import type { PaceLimit, ReverseProxy } from '../../routes/reverse-proxy.ts';
import { usualSilenceSeconds, usualTurnSeconds } from '../../services/openclaw-timeouts.ts';
import type { SourceLine } from '../../systemd/service-settings.ts';
import { routeRule } from '../routes.ts';

export type FailoverAnswerCut =
  | {
      readonly kind: 'cut';
      readonly server: ReverseProxy;
      readonly of: PaceLimit['of'];
      readonly setting: string | null;
      /** How long the upstream may be silent, or the whole answer may take. */
      readonly seconds: number;
      readonly isDefault: boolean;
      /** How long OpenClaw waits; `isSet`: by the configurations that are known, else by itself. */
      readonly waitsSeconds: number;
      readonly isSet: boolean;
    }
  /** Answers are held back until a buffer is full or they are complete; `ignoresHeader`: even where LiteLLM asks for the opposite. */
  | {
      readonly kind: 'held';
      readonly server: ReverseProxy;
      readonly service: string;
      readonly ignoresHeader: boolean;
    };

/** A reverse proxy in front of the models that ends answers before OpenClaw would, or holds them back. */
export const failoverAnswerCut = routeRule<'failover-answer-cut', FailoverAnswerCut>(
  { id: 'failover-answer-cut', severity: 'warning' },
  function* ({ own, others }) {
    const set = longestWait(own);
    const told = new Set<string>();
    for (const { pace, leadsTo } of own.entrances) {
      const [proxy] = proxiesAt(leadsTo, own, others) ?? [];
      if (pace === undefined || proxy === undefined) continue;
      const { server, limits, holds, holdsSource } = pace;
      const unit = proxy.unit;
      const isNew = ({ file, line }: SourceLine, what: string) => {
        const key = `${what} ${file}:${line}`;
        return !told.has(key) && told.add(key);
      };
      for (const { source, ...limit } of limits) {
        const isWhole = limit.of === 'whole';
        const isSet = set !== undefined && !isWhole;
        const waitsSeconds = isWhole ? usualTurnSeconds : (set ?? usualSilenceSeconds);
        if (limit.seconds >= waitsSeconds || !isNew(source, 'cut')) continue;
        yield { unit, source, details: { kind: 'cut', server, ...limit, waitsSeconds, isSet }, changes: [] };
      }
      const ignoresHeader = holds === 'always';
      const isHeld = ignoresHeader || (holds === 'unless-told' && !asksNotToHold.has(proxy.service));
      if (!isHeld || !isNew(holdsSource, 'held')) continue;
      const details = { kind: 'held', server, service: proxy.service, ignoresHeader } as const;
      yield { unit, source: holdsSource, details, changes: [] };
    }
  },
);

/** How long the gateways here wait for other machines: those there are taken to have the same configuration. */
function longestWait({ gateways }: Picture): number | undefined {
  const waits = gateways
    .flatMap(({ providers }) => providers)
    .filter(({ leadsTo }) => leadsTo.kind === 'node')
    .map(({ timeoutSeconds }) => timeoutSeconds ?? usualSilenceSeconds);
  return waits.length === 0 ? undefined : waits.reduce((longest, each) => Math.max(longest, each));
}

/** Services that send `X-Accel-Buffering: no` with each stream. Read: litellm 1.108.7 (`_sse_stream_headers`). */
const asksNotToHold: ReadonlySet<string> = new Set(['litellm']);
