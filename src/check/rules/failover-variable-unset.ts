import { seemingVariable } from '../../services/openclaw-config.ts';
import { type AskedText, askedTexts } from '../../routes/asked-texts.ts';
import { routeRule } from '../routes.ts';

export interface FailoverVariableUnset extends Pick<AskedText, 'provider' | 'setting'> {
  /** Its name; of what only seems to be a variable, a name that OpenClaw would take for it. */
  readonly name: string;
  /** As it is written, `${NAME}`, without a default, which may be a secret: `${NAME…}`. */
  readonly written: string;
  /** `form`: OpenClaw does not take it for a variable; `value`: nothing gives it one; `time`: its own value names a variable, so it comes too late. */
  readonly lacks: 'form' | 'value' | 'time';
  /** The `.env` where its value may stand. */
  readonly file: string;
}

/** What agents ask with a variable that OpenClaw does not replace: then `${...}` itself is sent, or the provider is not asked at all. */
export const failoverVariableUnset = routeRule<'failover-variable-unset', FailoverVariableUnset>(
  { id: 'failover-variable-unset', severity: 'warning' },
  function* ({ own }, host) {
    for (const gateway of own.gateways) {
      const { unit, config } = gateway;
      // Files that are kept in a repository have no secrets with them.
      const hasSecrets = host.kind === 'live' || host.files.status(config.environmentFile) !== undefined;
      const isSet = (name: string) =>
        !config.knowsVariables || !hasSecrets || config.variable(name) !== undefined;
      for (const { provider, setting, text, names, source } of askedTexts(gateway)) {
        // A key or a header that is a variable alone is looked up when it is needed.
        const isAlone = !text.includes('${') || text.trim() === `\${${names[0]}}`;
        const isLookedUp = isAlone && /^apiKey$|^(?:request\.)?headers\./.test(setting);
        const isInTime = (name: string) =>
          isLookedUp || config.variable(name) === undefined || config.isSetForTexts(name);
        const lack = lackOf(text, names, isSet, isInTime);
        if (lack === undefined) continue;
        yield {
          unit,
          source,
          details: { provider, setting, ...lack, file: config.environmentFile },
          changes: [],
        };
      }
    }
  },
);

/**
 * @param names of the variables that OpenClaw replaces in the text
 * @param isSet whether one has a value, or may have one
 * @param isInTime whether one that has a value has it when it is filled in
 */
function lackOf(
  text: string,
  names: readonly string[],
  isSet: (name: string) => boolean,
  isInTime: (name: string) => boolean,
): Pick<FailoverVariableUnset, 'name' | 'written' | 'lacks'> | undefined {
  const seeming = seemingVariable(text);
  if (seeming !== undefined) {
    const beginning = /^[\w.-]{1,100}/.exec(seeming.slice(2))?.[0] ?? '';
    const written = seeming === `\${${beginning}}` ? seeming : `\${${beginning}…}`;
    const capitals = beginning.replaceAll(/[.-]/g, '_').toUpperCase();
    const name = /^[A-Z_]/.test(capitals) ? capitals : 'NAME';
    return { name, written, lacks: 'form' };
  }
  const name = names.find(each => !isSet(each) || !isInTime(each));
  if (name === undefined) return undefined;
  return { name, written: `\${${name}}`, lacks: isSet(name) ? 'time' : 'value' };
}
