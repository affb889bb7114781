/** What one daruma tells another over ssh, and what it answers. Keys travel in it: it goes through pipes alone. */
import * as z from 'zod/mini';

/** Of both documents; counted up when an older daruma would misread a newer one. */
export const protocol = 1;

const request = z.object({
  protocol: z.literal(protocol),
  /** Nothing is changed; the plan is told. */
  dryRun: z.boolean(),
  nodes: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      /** Whether its proxy asks for a key. */
      hasKey: z.boolean(),
      /** The key; null where it is not known on this side either. */
      key: z.nullable(z.string()),
    }),
  ),
});

export type ShipRequest = z.output<typeof request>;

/** @returns undefined for what is no request, or one of another protocol */
export function readRequest(text: string): ShipRequest | undefined {
  return parsed(request, text);
}

const answer = z.object({
  protocol: z.literal(protocol),
  /** What the machine is called in the list of nodes. */
  node: z.string(),
  /** Differences as unified diffs, without secrets. */
  files: z.array(z.object({ path: z.string(), diff: z.string() })),
  /** In the language that was asked for. */
  notes: z.array(z.string()),
  /** The record that `daruma undo` takes back there; null where nothing was changed. */
  applied: z.nullable(z.string()),
});

export type ShipAnswer = z.output<typeof answer>;

const failure = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.nullable(z.string()) }),
});

export type ShipReply =
  | { readonly kind: 'answer'; readonly answer: ShipAnswer }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly hint: string | null;
    }
  /** Another daruma, or something else. */
  | { readonly kind: 'unknown' };

/** Reads what came back: a login shell may have said something before it. */
export function readReply(text: string): ShipReply {
  const [last = ''] = text.trimEnd().split('\n').slice(-1);
  const reply = parsed(answer, last);
  if (reply !== undefined) return { kind: 'answer', answer: reply };
  const refused = parsed(failure, last)?.error;
  return refused === undefined ? { kind: 'unknown' } : { kind: 'refused', ...refused };
}

function parsed<S extends z.ZodMiniType>(schema: S, text: string): z.output<S> | undefined {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
