/** Recognises secrets by their names and by what they look like, and what only stands where one belongs. */

/**
 * Whether a named value is a secret that is worth hiding: not empty, no placeholder, and no reference to a place where the
 * secret is.
 *
 * @param name of a variable or a key: `LITELLM_MASTER_KEY`, `botToken`, `api-key`
 * @example isSecret('apiKey', 'unused') // false
 */
export function isSecret(name: string, value: string): boolean {
  const credential = AUTHORIZATION.test(name) ? value.replace(/^(?:Bearer|Basic|Token)\s+/i, '') : value;
  if (!isLiteral(credential)) return false;
  return looksSecret(credential) || isSecretName(name, credential);
}

/** Whether a name is that of a secret: `bot-token`, `apiKey`; `SORT_KEY` may be anything. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(wordsOf(name));
}

/** Whether a name is that of a secret; of a mere "key" the value has to look like one, too. */
function isSecretName(name: string, value: string): boolean {
  const words = wordsOf(name);
  if (/(?:^|_)PUBLIC_KEY$/.test(words)) return false;
  if (SECRET_NAME.test(words) || AUTHORIZATION.test(name)) return true;
  return (
    /(?:^|_)KEY$/.test(words) &&
    value.length >= 16 &&
    /\d/.test(value) &&
    /[a-z]/i.test(value) &&
    !/\s/.test(value)
  );
}

const SECRET_NAME =
  /(?:^|_)(?:API_?KEYS?|(?:ACCESS|MASTER|SALT|PRIVATE|ENCRYPTION|SIGNING|AUTH|SECRET|LICENSE)_KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PASS|PAT|CREDENTIALS?)$/;

const AUTHORIZATION = /^(?:proxy-)?authorization$/i;

/** `botToken`, `bot-token` and `BOT_TOKEN` are one name. */
function wordsOf(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[-.]/g, '_')
    .toUpperCase();
}

/** Whether a value shows by itself that it is a secret, whatever it is called. */
export function looksSecret(value: string): boolean {
  return (
    (value.length >= shortestKnown && (KNOWN.test(value) || !jsonWebTokens(value).next().done)) ||
    hasPasswordInUrl(value)
  );
}

/**
 * Whether a name has to do with secrets at all: what is not shown under such a name is missed less than a secret that is.
 * Each name that `isSecret()` takes for that of a secret is among them.
 */
export function suggestsSecret(name: string): boolean {
  if (/key|token|secret|pass|credential|auth|cookie/i.test(name)) return true;
  return /pat/i.test(name) && /(?:^|_)PATS?(?:_|$)/.test(wordsOf(name));
}

/**
 * Finds secrets by what their issuers make them look like: OpenAI and those that do as it does, Anthropic, Telegram,
 * GitHub, GitLab, Slack, Google, Hugging Face, Groq, AWS, Tailscale, and the addresses at which anybody may write to Slack
 * or Discord; there the secret is the group of that name, at the end. JSON Web Tokens and private keys are found apart.
 *
 * Nothing follows the last repetition of a pattern, and what is before it has a bound: a text is gone through once.
 */
const KNOWN_FORMS: readonly string[] = [
  String.raw`(?<![A-Za-z])sk-[\w-]{16,}`,
  String.raw`sk-(?:ant|proj|or|svcacct|admin)-[\w-]{16,}`,
  // The second part of a bot's token begins with AA; what begins otherwise stands alone.
  String.raw`(?<!\d)(?:\d{6,12}:[A-Za-z]|\d{13,}:AA)[\w-]{20,}`,
  String.raw`gh[opusr]_[A-Za-z\d]{20,}`,
  String.raw`github_pat_\w{20,}`,
  String.raw`glpat-[\w-]{16,}`,
  String.raw`xox[abeoprs]-[\w-]{10,}`,
  String.raw`AIza[\w-]{30,}`,
  String.raw`(?<![A-Za-z])hf_[A-Za-z\d]{20,}`,
  String.raw`hf_[A-Za-z\d]{34,}`,
  String.raw`(?<![A-Za-z])gsk_[A-Za-z\d]{20,}`,
  String.raw`gsk_[A-Za-z\d]{48,}`,
  String.raw`AKIA[A-Z\d]{16}`,
  String.raw`tskey-[\w-]{10,}`,
  String.raw`hooks\.slack\.com/\w{1,40}/(?<secret>[\w/]{20,})`,
  String.raw`discord(?:app)?\.com/api/(?:v\d{1,4}/)?webhooks/(?<secret>\d{1,40}/[\w-]{20,})`,
];

/** Of the same issuers, but cut short, or made up for a test. */
const RESEMBLING = String.raw`(?<![A-Za-z])(?:sk|pk|ghp|gho|ghu|ghs|github_pat|xox[a-z]|glpat|hf|AIza)[-_][\w-]{8,}`;

/** How the key of a certificate, of SSH or of PGP begins in a file (RFC 7468, RFC 9580). */
const PRIVATE_KEY = '-----BEGIN [A-Z\\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----';

// unchecked: made of the constants above; nothing follows a repetition that has no bound
const KNOWN = new RegExp([...KNOWN_FORMS, PRIVATE_KEY].join('|'));

/** A regular expression of its own for each caller, since it remembers where it was. */
export function knownSecrets(): RegExp {
  // unchecked: made of the constants above; nothing follows a repetition that has no bound
  return new RegExp([...KNOWN_FORMS, RESEMBLING].join('|'), 'g');
}

export function beginningsOfPrivateKeys(): RegExp {
  return new RegExp(PRIVATE_KEY, 'g');
}

/** RFC 7519: two objects of JSON and a signature, in base64url. */
export function* jsonWebTokens(text: string): Generator<{ readonly index: number; readonly length: number }> {
  for (const { 0: word, index } of text.matchAll(/[\w.-]+/g)) {
    if (!word.includes('.eyJ')) continue;
    const parts = word.split('.');
    let at = index;
    for (const [number, header] of parts.entries()) {
      const [payload = '', signature = ''] = parts.slice(number + 1, number + 3);
      const isHeader = header.indexOf('eyJ') !== -1 && header.indexOf('eyJ') + 13 <= header.length;
      if (isHeader && /^eyJ[\w-]{10}/.test(payload) && signature !== '')
        yield { index: at, length: header.length + payload.length + signature.length + 2 };
      at += header.length + 1;
    }
  }
}

/** Slack's tokens; all others are longer. */
const shortestKnown = 'xoxb-'.length + 10;

/** `postgres://user:password@host/`. */
function hasPasswordInUrl(value: string): boolean {
  if (!value.includes('://')) return false;
  const password = /:\/\/[^\s/:@]*:([^\s/@]+)@/.exec(value)?.[1];
  return password !== undefined && isLiteral(password);
}

/** Whether a value stands for itself, and is no word that is put where nothing is needed. */
function isLiteral(value: string): boolean {
  const text = value.trim();
  return text !== '' && !isReference(text) && !PLACEHOLDER.test(text) && !PLAIN.test(text);
}

/** `${NAME}`, `os.environ/NAME` of LiteLLM, `env:NAME`, a path, a template of whatever kind, the name of a variable alone. */
function isReference(text: string): boolean {
  return (
    /^\$|\$\{|^%|\{\{/.test(text) ||
    /^(?:os\.environ\/|env:|file:|secret:|vault:|op:\/\/|keyring:|\/|~\/|\.\.?\/)/i.test(text) ||
    /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/.test(text)
  );
}

/** Numbers and yes or no are settings. */
const PLAIN = /^(?:\d{1,7}|true|false|yes|no|on|off)$/i;

const PLACEHOLDER =
  /^(?:un-?used|none|null|nil|undefined|empty|dummy|fake|ignored|anything|any|optional|local|ollama(?:-local)?|lm-?studio|changeme|change[-_]me|placeholder|todo|n\/?a|(?:sk-)?(?:no|not)[-_](?:key|needed|required|used|set)(?:[-_](?:needed|required|used|set))?|sk-none|x+|sk-x+|\*+|\.+|-+|<.*>|\[.*\]|(?:your|my|insert|replace|enter)[-_ ].*|(?:sk|ghp)[-_](?:\.\.\.|…|your[-_].*|x{3,}))$/i;
