import type { Catalogue, Language } from './catalogue.ts';

/** Loads one language; the other is never read. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  switch (language) {
    case 'en':
      return (await import('./en.ts')).en;
    case 'zh-CN':
      return (await import('./zh-CN.ts')).zhCN;
    default:
      return language satisfies never;
  }
}
