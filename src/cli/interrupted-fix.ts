/** Tells whoever runs the next command that a fix was left in the middle. */
import { isAnyBegun } from '../fix/begun-mark.ts';
import { userStateFolder } from '../fix/state-folder.ts';
import type { Catalogue } from '../i18n/catalogue.ts';

/** Looks for one mark on disk; all else is read only where it lies. */
export async function tellInterruptedFix(
  environment: Readonly<Record<string, string | undefined>>,
  { fix }: Catalogue,
): Promise<void> {
  const folders = [userStateFolder(environment), '/var/lib/daruma'];
  for (const folder of folders.filter(each => each !== undefined)) {
    if (!isAnyBegun(folder)) continue;
    const { Journal } = await import('../fix/journal.ts');
    const record = new Journal(folder).interrupted();
    if (record !== undefined) process.stderr.write(`daruma: ${fix.interrupted(record.id)}\n`);
  }
}
