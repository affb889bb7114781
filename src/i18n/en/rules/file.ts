import type { GroupTexts } from '../../rule-texts.ts';

export const file: GroupTexts<'file'> = {};
