import type { GroupTexts } from '../../rule-texts.ts';

export const hooks: GroupTexts<'hooks'> = {};
