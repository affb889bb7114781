/** Tokens and passwords: the configuration names their places and never contains them. */
import path from 'node:path';
import { openclawSecret } from './openclaw-secret.ts';
import { readSecretFile } from './secret-file.ts';

/** The place of a secret: `env:NAME`, `file:PATH`, `credential:NAME`, `openclaw:KEY.KEY`. */
export type SecretReference = string;

/**
 * Reads a secret each time it is needed, so that a changed secret is used at once.
 *
 * @param environment of daruma
 * @param inherited the variables that the service manager passes on (`Host.inherited`): daruma's own come first, as it has the
 * same when the manager itself starts it
 * @returns undefined when there is none, or when it is empty
 */
export function readSecret(
  reference: SecretReference,
  environment: NodeJS.ProcessEnv,
  inherited: Readonly<Record<string, string>> = {},
): string | undefined {
  const [, kind, place = ''] = /^(\w+):(.*)$/.exec(reference) ?? [];
  try {
    const found = read(kind, place, environment);
    return (kind === 'env' ? found || inherited[place] : found) || undefined;
  } catch {
    return undefined;
  }
}

function read(kind: string | undefined, place: string, environment: NodeJS.ProcessEnv): string | undefined {
  switch (kind) {
    case 'env':
      return environment[place];
    case 'file':
      return readSecretFile(place, environment['HOME']);
    case 'credential': {
      // systemd.exec(5), LoadCredential=
      const folder = environment['CREDENTIALS_DIRECTORY'];
      return folder === undefined ? undefined : readSecretFile(path.join(folder, place), undefined);
    }
    case 'openclaw':
      return openclawSecret(place, environment);
    default:
      return undefined;
  }
}
