/** Recognises secrets by their names and their form, and distinguishes them from placeholders and references. */
import { once } from '../systemd/remember.ts';

/** Offsets in a text: that of the first character, and the one after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Whether a named value is a secret that must be hidden: it is not empty, no placeholder, and no reference to the place
 * of a secret.
 *
 * @param name the name of a variable or a key: `LITELLM_MASTER_KEY`, `botToken`, `api-key`
 * @example isSecret('apiKey', 'unused') // false
 */
export function isSecret(name: string, value: string): boolean {
  const credential = AUTHORIZATION.test(name) ? value.replace(/^(?:Bearer|Basic|Token)\s+/i, '') : value;
  if (!isLiteral(credential)) return false;
  return looksSecret(credential) || isSecretName(name, credential);
}

/** Whether a name means a secret: `bot-token`, `apiKey`; `SORT_KEY` may contain anything. */
export function namesSecret(name: string): boolean {
  return (
    SUGGESTIVE.test(name.toUpperCase()) && SECRET_NAME.test(asVariableName(name)) && !ABOUT_SECRETS.test(name)
  );
}

/** Whether a name means a secret. When the name is only a "key", the value must look like a secret, too. */
function isSecretName(name: string, value: string): boolean {
  const words = asVariableName(name);
  if (/(?:^|_)PUBLIC_KEY$/.test(words)) return false;
  if (namesSecret(name) || AUTHORIZATION.test(name)) return true;
  return /(?:^|_)KEY$/.test(words) && looksLikeKey(value);
}

function looksLikeKey(value: string): boolean {
  return value.length >= 16 && /\d/.test(value) && /[a-z]/i.test(value) && !/\s/.test(value);
}

const SECRET_NAME =
  /(?:^|_)(?:API_?KEYS?|(?:ACCESS|MASTER|SALT|PRIVATE|ENCRYPTION|SIGNING|AUTH|SECRET|LICENSE)_KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PASS|PAT|CREDENTIALS?)$/;

/**
 * Names that contain such a word but mean no secret: the name of an exception is followed by its cause, and
 * `LoadCredential=` says where a credential is (systemd.exec(5)).
 */
const ABOUT_SECRETS =
  /^(?:(?:Invalid|Expired|Missing|Unknown|Unexpected|Bad|NoSuch)[A-Z]|(?:Load|Import|Condition|Assert)Credential)/;

const AUTHORIZATION = /^(?:proxy-)?authorization$/i;

/** `botToken`, `bot-token` and `BOT_TOKEN` are the same name. */
function asVariableName(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[-.]/g, '_')
    .toUpperCase();
}

/** Whether a value looks like a secret, whatever its name is. */
export function looksSecret(value: string): boolean {
  return (
    (value.length >= shortestKnown && (KNOWN.test(value) || !jsonWebTokens(value).next().done)) ||
    hasPasswordInUrl(value)
  );
}

/** What a name says about its value: `certain`, it is a secret; `doubtful`, it is one only if it looks like one. */
export type Suspicion = 'certain' | 'doubtful';

/**
 * Judges a name by its words: `authtoken` and `TOKEN_2` mean secrets, `KeyError` and `keyboard` need not. Every name
 * that `isSecret()` accepts is suspected.
 *
 * @param before the text before the name, since `API key` is also written with a space
 * @returns undefined when the name has nothing to do with secrets
 */
export function suspicionOf(name: string, before: string): Suspicion | undefined {
  if (!SUGGESTIVE.test(name)) return undefined;
  if (ABOUT_SECRETS.test(name)) return 'doubtful';
  const words = asVariableName(name);
  if (CERTAIN.test(words) || CERTAIN_OF_PROGRAM.test(words) || /[^\w-]/.test(name)) return 'certain';
  const isOfEnvironment = /^[A-Z\d_]+(?:KEY|_SALT)$/.test(name) && !NO_SECRET_KEY.test(name);
  const isOfTwoWords = /^KEYS?$/.test(words) && KIND_OF_KEY.test(before);
  const isParameter = PARAMETER.test(words) && /[?&;]$/.test(before);
  if (isOfEnvironment || isOfTwoWords || isParameter) return 'certain';
  return SIGNATURE.test(words) ? undefined : 'doubtful';
}

/** The Chinese words for a password, a key, a token and credentials: no separator precedes them. */
const CHINESE_NAMES = '密码|口令|密钥|密匙|私钥|令牌|凭据|凭证|授权码|密碼|金鑰|權杖|憑據';

/** Codes by which somebody signs in; most other codes are no secrets. Few words begin like `code`, so it comes first. */
const CODES = 'code(?<=(?:device|user|verification|pairing|one[_-]?time|login|recovery|backup|otp)[_-]?code)';

const SUGGESTIVE_WORDS = `key|token|secret|pass|pwd|credential|creds|auth|cookie|bearer|salt|(?<![a-z])pat|Pat|sig(?<![a-z]sig)(?:nature)?(?![a-z])|${CODES}|${CHINESE_NAMES}`;
const SUGGESTIVE = new RegExp(SUGGESTIVE_WORDS, 'i');

/**
 * Finds the names that {@link suspicionOf} suspects, in their order. It searches the text for the words that make a
 * name suspicious, and reads the whole name only there: few words are names of secrets.
 */
export function* suspectedNames(text: string): Iterable<SuspectedName> {
  let end = 0;
  for (const { 0: found, index } of text.matchAll(EACH_SUGGESTIVE)) {
    if (index < end) continue;
    const start = startOfName(text, index, end);
    end = endOfName(text, index + found.length);
    const name = text.slice(start, end);
    const suspicion = suspicionOf(name, text.slice(Math.max(0, start - longestKind), start));
    if (suspicion !== undefined) yield { name, start, end, suspicion };
  }
}

export interface SuspectedName extends Span {
  readonly name: string;
  readonly suspicion: Suspicion;
}

const EACH_SUGGESTIVE = new RegExp(SUGGESTIVE_WORDS, 'gi');

/** Limit of the text that is examined before each name, in characters. */
const longestKind = 12;

/** @param least the end of the name before it */
function startOfName(text: string, from: number, least: number): number {
  let start = from;
  if (!isOfName(text[start])) return start;
  while (start > least && isOfName(text[start - 1])) start -= 1;
  return start;
}

function endOfName(text: string, from: number): number {
  let end = from;
  if (!isOfName(text[end - 1])) return end;
  while (isOfName(text[end])) end += 1;
  return end;
}

/** Chinese names do not contain such characters: each of them is a name by itself. */
function isOfName(character = ''): boolean {
  return /[\w-]/.test(character);
}

/**
 * Words that also mean a secret at the end of a longer word, if no other word ends like that: `authtoken`, but not
 * `compass` or `monkey`.
 */
const CERTAIN =
  /(?:API_?KEYS?|(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PASSCODE|CREDENTIAL)S?|(?:^|_)(?:PASS|PATS?|AUTH|AUTHORIZATION|COOKIES?|BEARER|CREDS)|_PWD|(?:^|_)(?:ACCESS|MASTER|SALT|PRIVATE|ENCRYPTION|SIGNING|AUTH|SECRET|LICENSE|SHARED|SESSION|WEBHOOK|APP|SUBSCRIPTION|PUSH|SEND)_?KEYS?|(?:^|_)(?:SIGNING|SESSION|PASSWORD|HASH|JWT|COOKIE|SECRET|TOKEN|ENCRYPTION)_SALT|(?:^|_)(?:DEVICE|USER|VERIFICATION|PAIRING|ONE_?TIME|LOGIN|RECOVERY|BACKUP|OTP|AUTH|AUTHORIZATION)_?CODES?)(?:_?\d{1,6}|_(?:VALUE|HASH|BASE|OLD|NEW|PREVIOUS|CURRENT|BACKUP|PROD|PRODUCTION|STAGING|DEV|TEST|LIVE))?$/;

/** The names of programs and providers before `KEY` or `PASS`, also without a separator: `OPENAIKEY`, `PGPASS`. */
const CERTAIN_OF_PROGRAM =
  /(?:^|_)(?:(?:OPENAI|LITELLM|OPENCLAW|GATEWAY|ANTHROPIC|CLAUDE|OPENROUTER|GEMINI|GOOGLE|DEEPSEEK|MISTRAL|GROQ|GROK|XAI|COHERE|QWEN|DASHSCOPE|MOONSHOT|KIMI|ZHIPU|MINIMAX|SILICONFLOW|VOLCENGINE|FIREWORKS|REPLICATE|PERPLEXITY|CEREBRAS|NVIDIA|HUGGINGFACE|OLLAMA|VLLM|LLM|AZURE|AWS|BEDROCK|COPILOT|TELEGRAM|TAVILY|SERPAPI|ELEVENLABS|LANGFUSE|STRIPE|TWILIO|SENDGRID|CLOUDFLARE|TAILSCALE)_?KEYS?|(?:DB|DATABASE|PG|POSTGRES|MYSQL|SQL|MONGO|REDIS|SMTP|IMAP|MAIL|EMAIL|SSH|FTP|LDAP|MQTT|PROXY|HTTP|VNC|WIFI|USER|ROOT|ADMIN|SUDO|GPG)PASS)(?:_?\d{1,6})?$/;

/** Keys that identify something, or that are public, and words that end like them. */
const NO_SECRET_KEY =
  /(?:^|_)(?:(?:PUB|PUBLIC|PRIMARY|FOREIGN|SORT|PARTITION|CACHE|GROUP|INDEX|ROW|HOT)_?|MON|TUR|DON|HOC|JOC|WHIS)KEY$|^KEY$/;

/** Parameters of URLs that are certain there: keys, and signatures, which allow what the URL says. */
const PARAMETER = /^(?:KEY|PWD|(?:X_AMZ_|X_GOOG_)?SIG(?:NATURE)?)$/;
const SIGNATURE = /(?:^|_)SIG(?:NATURE)?$/;

const KIND_OF_KEY =
  /(?:api|access|master|private|encryption|signing|auth|secret|license|openai|gateway)[ \t.]$/i;

/** Whether a machine made the word, as with most secrets: its letters and digits are in random order. */
export function looksMadeUp(name: string, word: string): boolean {
  if (!looksLikeKey(word)) return false;
  return /(?:^|_)KEY$/.test(asVariableName(name)) || looksRandom(word);
}

/**
 * Whether characters are random: words, versions and dates change between letters and digits, or small and capital
 * letters, less often than at every fourth character.
 */
export function looksRandom(word: string): boolean {
  let [count, changes, before] = [0, 0, ''];
  for (const character of word) {
    const kind = kindOf(character);
    if (kind !== '') count += 1;
    if (kind !== '' && before !== '' && kind !== before) changes += 1;
    before = kind;
  }
  return count >= 16 && changes * 4 >= count && looksLikeKey(word);
}

/**
 * Whether a word of a sentence is a code that a machine made: a part of it mixes letters and digits, and is longer than
 * those of versions, dates and names of models.
 */
export function looksLikeCode(word: string): boolean {
  if (/^[/.~]|:\/\//.test(word)) return false;
  return word.split(/[^A-Za-z\d]/).some(part => part.length >= 8 && /\d/.test(part) && /[A-Za-z]/.test(part));
}

function kindOf(character: string): string {
  if (character >= '0' && character <= '9') return 'digit';
  if (character >= 'a' && character <= 'z') return 'small';
  return character >= 'A' && character <= 'Z' ? 'capital' : '';
}

/**
 * Finds secrets by the forms that their issuers use: OpenAI and those with its form, Anthropic, Telegram, GitHub,
 * GitLab, Slack, Google, Hugging Face, Groq, AWS, Tailscale, Tavily, Replicate, Perplexity, xAI, NVIDIA, Fireworks,
 * Stripe, Standard Webhooks, DigitalOcean, npm, PyPI, Shopify, SendGrid, Linear, Notion, Docker Hub, HashiCorp Vault,
 * Grafana, Databricks, age, and the addresses at which anybody may write to Slack, Discord, Feishu, Teams, IFTTT, Bark
 * and others, where the secret is the group named `secret` at the end. JSON Web Tokens and private keys are found by other functions.
 *
 * Nothing follows the last repetition of a pattern, and the text before it is bounded: so a text is scanned once.
 */
const KNOWN_FORMS: readonly string[] = [
  String.raw`(?<![A-Za-z])sk-[\w-]{16,}`,
  String.raw`sk-(?:ant|proj|or|svcacct|admin)-[\w-]{16,}`,
  // The second part of a bot's token begins with AA. Another letter counts only after an id of the usual length.
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
  String.raw`A[KS]IA[A-Z\d]{16}`,
  String.raw`tskey-[\w-]{10,}`,
  String.raw`(?:tvly|nvapi)-[\w-]{16,}`,
  String.raw`(?:pplx|xai)-[A-Za-z\d]{20,}`,
  String.raw`(?<![A-Za-z\d])(?:r8|fw)_[A-Za-z\d]{20,}`,
  String.raw`r8_[A-Za-z\d]{37,}`,
  String.raw`[rs]k_(?:live|test)_[A-Za-z\d]{16,}`,
  String.raw`whsec_[A-Za-z\d+/]{24,}`,
  String.raw`do[opr]_v1_[a-f\d]{32,}`,
  String.raw`npm_[A-Za-z\d]{36,}`,
  String.raw`pypi-AgE[\w-]{16,}`,
  String.raw`shp(?:at|ca|pa|ss)_[A-Fa-f\d]{32,}`,
  String.raw`SG\.[\w-]{22}\.[\w-]{40,}`,
  String.raw`lin_(?:api|oauth)_[A-Za-z\d]{32,}`,
  String.raw`ntn_[A-Za-z\d]{40,}`,
  String.raw`dckr_[po]at_[\w-]{20,}`,
  String.raw`hv[sbr]\.[\w-]{24,}`,
  String.raw`gl(?:sa|c)_[A-Za-z\d+/]{32,}`,
  String.raw`dapi[a-f\d]{32,}`,
  String.raw`AGE-SECRET-KEY-1[A-Z\d]{40,}`,
  String.raw`xapp-[\w-]{10,}`,
  String.raw`hooks\.slack\.com/\w{1,40}/(?<secret>[\w/]{20,})`,
  String.raw`discord(?:app)?\.com/api/(?:v\d{1,4}/)?webhooks/(?<secret>\d{1,40}/[\w-]{20,})`,
  String.raw`/(?<=(?:/open-apis/bot/(?:v\d{1,4}/)?hook|maker\.ifttt\.com/(?:use|trigger/[\w-]{1,100}/(?:json/)?with/key)|sc(?:tapi)?\.ftqq\.com|\.push\.ft07\.com/send|cronitor\.link/p|nosnch\.in)/)(?<secret>[\w-]{8,})`,
  String.raw`/(?<=(?:hc-ping\.com|api\.day\.app|hook\.(?:[\w-]{1,20}\.)?make\.com)/)(?<secret>[\w-]{16,})`,
  String.raw`/(?<=(?:office\.com/webhook(?:b2)?|hooks\.zapier\.com/hooks/catch)/)(?<secret>[\w@/-]{12,})`,
];

/** The build escapes what is not ASCII, except in a raw text. */
const CHINESE_CODE = '代码|验证码|驗證碼';
const WIDE_COLON = '：';

/**
 * Texts with the form of these issuers that are cut short, or made up for a test; the paths of other addresses at which
 * anybody may write or ping (Uptime Kuma, Better Stack, Mattermost, Healthchecks); and the codes by which a device signs in
 * (RFC 8628, 3.3), which are told in sentences.
 */
const RESEMBLING: readonly string[] = [
  String.raw`(?<![A-Za-z])(?:sk|pk|ghp|gho|ghu|ghs|github_pat|xox[a-z]|glpat|hf|AIza)[-_][\w-]{8,}`,
  String.raw`/(?<=/(?:api/push|api/v\d{1,4}/heartbeat)/)(?<secret>[\w-]{8,})`,
  String.raw`/(?<=/(?:ping|hooks?|webhooks?)/)(?<secret>[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|[a-z\d]{26})(?![\w-])`,
  String.raw`(?:[Cc]ode|CODE|${CHINESE_CODE})(?<!(?:[Ee]rror|[Ee]xit|[Ss]tatus|[Rr]eason|[Rr]eturn|[Pp]roduct|[Pp]ost)[ _-][Cc]ode)(?: is)?[ \t]{0,4}[:${WIDE_COLON}=]?[ \t"'\x60*]{0,4}(?<secret>[A-Z\d]{4}-[A-Z\d]{4})(?![\w-])`,
  String.raw`code(?<=(?:[Dd]evice|[Uu]ser|[Vv]erification|[Pp]airing|[Oo]ne-time|[Ll]ogin|[Aa]uthorization) code)(?: is)?[ \t]{0,4}[:${WIDE_COLON}=]?[ \t"'\x60*]{1,4}(?<secret>(?=[A-Za-z_-]{0,60}\d)[\w-]{6,}|[A-Z]{8}(?![\w-]))`,
];

/** How a private key for a certificate, SSH or PGP begins in a file (RFC 7468, RFC 9580). */
const PRIVATE_KEY = '-----BEGIN [A-Z\\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----';

// unchecked: made of the constants above; nothing follows a repetition that has no bound
const KNOWN = new RegExp([...KNOWN_FORMS, PRIVATE_KEY].join('|'));

/**
 * For `matchAll()`, which works on a copy of the pattern: a global pattern remembers its position, and must not be used
 * otherwise.
 */
export const knownSecrets = once(() => {
  // unchecked: made of the constants above; nothing follows a repetition that has no bound
  return new RegExp([...KNOWN_FORMS, ...RESEMBLING].join('|'), 'g');
});

export function beginningsOfPrivateKeys(): RegExp {
  return new RegExp(PRIVATE_KEY, 'g');
}

/** Whether a text contains a sign of a secret; without one, it contains no secret with a known form or a name. */
export function hasClue(text: string): boolean {
  return CLUE.test(text) || text.search(knownSecrets()) !== -1;
}

/**
 * The signs of all secrets without a known form: a name or the scheme of a header, the start of a JSON Web Token, an
 * address, the mark of a private key (which contains `key`), or an escape, which may hide any of these.
 */
const CLUE = new RegExp(String.raw`${SUGGESTIVE_WORDS}|bearer|basic|\.eyJ|:\/\/|[%\\]`, 'i');

/** RFC 7519: two JSON objects and a signature, in base64url. */
export function* jsonWebTokens(text: string): Generator<{ readonly index: number; readonly length: number }> {
  if (!text.includes('.eyJ')) return;
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

/** The length of Slack's tokens; all others are longer. */
const shortestKnown = 'xoxb-'.length + 10;

/**
 * Whether the user of a URL without a password is a token: `https://TOKEN@github.com/`. Names of users are shorter, or
 * consist of words.
 */
export function looksLikeTokenOfUser(user: string): boolean {
  return looksRandom(user) || (user.length >= 20 && /^[A-Za-z\d]*$/.test(user) && looksLikeKey(user));
}

/** `postgres://user:password@host/`. */
function hasPasswordInUrl(value: string): boolean {
  if (!value.includes('://')) return false;
  const password = /:\/\/[^\s/:@]*:([^\s/@]+)@/.exec(value)?.[1];
  return password !== undefined && isLiteral(password);
}

/** Whether a value is the secret itself, and not a word for a place where none is needed. */
function isLiteral(value: string): boolean {
  const text = value.trim();
  return text !== '' && !isReference(text) && !PLACEHOLDER.test(text) && !PLAIN.test(text);
}

/** `${NAME}`, LiteLLM's `os.environ/NAME`, `env:NAME`, a path, any template, or only the name of a variable. */
function isReference(text: string): boolean {
  return (
    /^\$|\$\{|^%|\{\{/.test(text) ||
    /^(?:os\.environ\/|env:|file:|secret:|vault:|op:\/\/|keyring:|\/|~\/|\.\.?\/)/i.test(text) ||
    /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)+$/.test(text)
  );
}

/** Numbers, and yes or no, are settings. */
const PLAIN = /^(?:\d{1,7}|true|false|yes|no|on|off)$/i;

const PLACEHOLDER =
  /^(?:un-?used|none|null|nil|undefined|empty|dummy|fake|ignored|anything|any|optional|local|ollama(?:-local)?|lm-?studio|changeme|change[-_]me|placeholder|todo|n\/?a|(?:sk-)?(?:no|not)[-_](?:key|needed|required|used|set)(?:[-_](?:needed|required|used|set))?|sk-none|x+|sk-x+|\*+|\.+|-+|<.*>|\[.*\]|(?:your|my|insert|replace|enter)[-_ ].*|(?:sk|ghp)[-_](?:\.\.\.|…|your[-_].*|x{3,}))$/i;
