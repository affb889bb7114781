import type { GroupTexts } from '../../rule-texts.ts';
import { fallNames } from '../fall-names.ts';

export const restart: GroupTexts<'restart'> = {
  'restart-blind-spot': {
    title: '常见的退出方式会让服务停在那里',
    message: ({ falls }) => `遇到${falls.map(({ fall }) => fallNames[fall]).join('、')} 后不会恢复`,
    why: ({ policy }) => `Restart=${policy} 不会重新启动它：在有人手动启动之前，服务一直停着。`,
    remedy: () => '在 [Service] 中设置 Restart=always。',
  },
};
