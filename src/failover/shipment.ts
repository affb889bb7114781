/** The request that one daruma sends to another over ssh, and the answer. It contains keys, so it only goes through pipes. */
import * as z from 'zod/mini';

/** Version of both documents. It is increased when an older daruma would misread a newer document. */
export const protocol = 1;

const request = z.object({
  protocol: z.literal(protocol),
  /** Whether only to report the plan and change nothing. */
  dryRun: z.boolean(),
  nodes: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      /** Whether its proxy asks for a key. */
      hasKey: z.boolean(),
      /** The key; null when this machine does not know it either. */
      key: z.nullable(z.string()),
    }),
  ),
});

export type ShipRequest = z.output<typeof request>;

/** @returns undefined when the text is not a request of this protocol */
export function readRequest(text: string): ShipRequest | undefined {
  return parsed(request, text);
}

const answer = z.object({
  protocol: z.literal(protocol),
  /** The machine's name in the list of nodes. */
  node: z.string(),
  /** Changed files as unified diffs, without secrets. */
  files: z.array(z.object({ path: z.string(), diff: z.string() })),
  /** Texts in the requested language. */
  notes: z.array(z.string()),
  /** Id of the record that `daruma undo` undoes there; null when nothing was changed. */
  applied: z.nullable(z.string()),
  /** What each gateway there makes of the changes, in the requested language; an older daruma does not ask. */
  inForce: z.optional(z.array(z.object({ isInForce: z.boolean(), text: z.string() }))),
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
  /** The output is not from a daruma with this protocol. */
  | { readonly kind: 'unknown' };

/** Reads the reply from the last line: a login shell may print something before it. */
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
