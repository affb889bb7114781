/** Writes the language of messages into the configuration: hooks run without the locale of the person who installs them. */
import { fileOf, originalAt } from '../fix/draft.ts';
import type { Plan } from '../fix/plan.ts';
import { loadConfiguration, editableConfiguration, placesOf } from './configuration.ts';
import { configurationPlace } from '../config/lookup.ts';
import type { Host } from '../systemd/host/host.ts';
import type { Context } from './context.ts';
import type { CommonOptions } from './options.ts';
import { preferredLanguage } from './settings.ts';

/**
 * Adds `notify.language` to the plan where the hooks would write in another language than the caller reads, and the
 * configuration does not say which. Where it cannot be edited, the plan stays as it is.
 */
export async function withMessageLanguage(
  plan: Plan,
  host: Host,
  { lang, config }: CommonOptions,
  context: Context,
): Promise<Plan> {
  const language = preferredLanguage(lang, context.environment);
  // What a manager starts has the manager's environment.
  if (language === preferredLanguage(undefined, host.environment)) return plan;
  const place = configurationPlace(placesOf(host, config, context));
  const written = place && (await loadConfiguration(place, context.catalogue)).written;
  const editable = editableConfiguration(host, config, context);
  if (editable === undefined || written?.notify?.language !== undefined) return plan;
  const { withLanguage } = await import('../config/edit.ts');
  const { path } = editable;
  const { state, mode } = originalAt(path, host);
  const planned = plan.files.get(path);
  const text = planned?.kind === 'file' ? planned.content.toString('utf8') : editable.text;
  return {
    ...plan,
    files: new Map([...plan.files, [path, fileOf(withLanguage(text, language), mode)]]),
    madeFrom: new Map([...(plan.madeFrom ?? []), [path, state]]),
  };
}
