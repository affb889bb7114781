import type { GroupTexts } from '../../rule-texts.ts';

export const secrets: GroupTexts<'secrets'> = {};
