import type { GroupTexts } from '../../rule-texts.ts';

export const hang: GroupTexts<'hang'> = {};
