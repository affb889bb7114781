/** Describes the content that came instead of the expected answer. */
import type { Content } from '../../http/content.ts';

export function contentText({ kind, said }: Content): string {
  switch (kind) {
    case 'page':
      return `a web page${said === '' ? '' : `, "${said}"`}`;
    case 'json':
      return `other JSON, ${said}`;
    case 'text':
      return `the text "${said}"`;
    case 'empty':
      return 'nothing';
    default:
      return kind satisfies never;
  }
}
