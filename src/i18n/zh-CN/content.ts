/** 收到的内容与预期不符时的描述。 */
import type { Content } from '../../http/content.ts';

export function contentText({ kind, said }: Content): string {
  switch (kind) {
    case 'page':
      return `网页${said === '' ? '' : `“${said}”`}`;
    case 'json':
      return `其他 JSON：${said}`;
    case 'text':
      return `文本“${said}”`;
    case 'empty':
      return '空的内容';
    default:
      return kind satisfies never;
  }
}
