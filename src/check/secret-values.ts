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
  return (value.length >= shortestKnown && KNOWN.test(value)) || hasPasswordInUrl(value);
}

/**
 * Finds secrets by what their issuers make them look like: OpenAI and those that do as it does, Anthropic, Telegram,
 * GitHub, GitLab, Slack, Google, Hugging Face, Groq, AWS, Tailscale, JSON Web Tokens, private keys, and the addresses at
 * which anybody may write to Slack or Discord. A regular expression of its own for each caller, since it remembers where it
 * was.
 */
export function knownSecrets(): RegExp {
  return new RegExp(KNOWN, 'g');
}

const KNOWN = new RegExp(
  [
    String.raw`\bsk-[\w-]{16,}`,
    String.raw`(?<!\d)\d{6,12}:[A-Za-z][\w-]{20,}`,
    String.raw`\bgh[opusr]_[A-Za-z\d]{20,}`,
    String.raw`\bgithub_pat_\w{20,}`,
    String.raw`\bglpat-[\w-]{16,}`,
    String.raw`\bxox[abeoprs]-[\w-]{10,}`,
    String.raw`\bAIza[\w-]{30,}`,
    String.raw`\bhf_[A-Za-z\d]{20,}`,
    String.raw`\bgsk_[A-Za-z\d]{20,}`,
    String.raw`\bAKIA[A-Z\d]{16}\b`,
    String.raw`\btskey-[\w-]{10,}`,
    String.raw`\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+`,
    String.raw`(?<=\bhooks\.slack\.com/\w+/)[\w/]{20,}`,
    String.raw`(?<=\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/)\d+/[\w-]{20,}`,
    '-----BEGIN [A-Z ]*PRIVATE KEY-----',
  ].join('|'),
);

/** Slack's tokens; all others are longer. */
const shortestKnown = 'xoxb-'.length + 10;

/** `postgres://user:password@host/`. */
function hasPasswordInUrl(value: string): boolean {
  if (!value.includes('://')) return false;
  const password = /\b[a-z][a-z\d+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i.exec(value)?.[1];
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
