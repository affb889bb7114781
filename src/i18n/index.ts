import type { Catalogue, Language } from './catalogue.ts';

/** Loads the texts of one language only. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  switch (language) {
    case 'en':
      return (await import('./en/index.ts')).en;
    case 'zh-CN':
      return (await import('./zh-CN/index.ts')).zhCN;
    default:
      return language satisfies never;
  }
}
