import type { GroupTexts } from '../../rule-texts.ts';

export const memory: GroupTexts<'memory'> = {};
