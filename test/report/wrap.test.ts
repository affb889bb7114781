import { styleText } from 'node:util';
import fc from 'fast-check';
import { widthOf } from '../../src/report/width.ts';
import { describe, expect, it } from 'vitest';
import { breakLines } from '../../src/report/wrap.ts';

describe('breakLines', () => {
  it('breaks at spaces and drops them at the end of a line', () => {
    expect(breakLines('nothing restarts it', 10)).toEqual(['nothing', 'restarts', 'it']);
  });

  it('breaks between Chinese words, which have no spaces, and not within them', () => {
    expect(breakLines('没有登录会话就没有用户管理器', 10)).toEqual(['没有登录', '会话就没有', '用户管理器']);
    expect(breakLines('它在等待重启', 10)).toEqual(['它在等待', '重启']);
    const painted = '\u001B[31m它在等待\u001B[0m重启';
    expect(breakLines(painted, 10)).toEqual(['\u001B[31m它在等待', '\u001B[0m重启']);
  });

  it('never begins a line with a closing mark or ends one with an opening one', () => {
    expect(breakLines('它正在运行，没有倒下', 10)).toEqual(['它正在', '运行，没有', '倒下']);
    expect(breakLines('没有运行（已停止）', 10)).toEqual(['没有运行', '（已停止）']);
  });

  it('keeps a Latin word whole inside Chinese', () => {
    expect(breakLines('用户 kuma 没有开启 linger，没有会话', 14)).toEqual([
      '用户 kuma 没有',
      '开启 linger，',
      '没有会话',
    ]);
  });

  it('keeps a word that no line can hold whole, but in a column of a table', () => {
    expect(breakLines('at /home/kuma/bot.js now', 9)).toEqual(['at', '/home/kuma/bot.js', 'now']);
    expect(breakLines('abcdefgh', 3, 'broken')).toEqual(['abc', 'def', 'gh']);
  });

  it('makes no empty line of the spaces before such a word', () => {
    expect(breakLines('   /home/kuma/bot.js', 9)).toEqual(['/home/kuma/bot.js']);
    const painted = '\u001B[2m  /home/kuma/bot.js now\u001B[22m';
    expect(breakLines(painted, 9)).toEqual(['\u001B[2m/home/kuma/bot.js', 'now\u001B[22m']);
  });

  it('never ends a line in a path, whatever its names are', () => {
    expect(breakLines('文件 /home/用户/配置，不存在', 12)).toEqual(['文件', '/home/用户/配置，', '不存在']);
    expect(breakLines('缺少“~/配置/甲乙”的文件', 8)).toEqual(['缺少', '“~/配置/甲乙”', '的文件']);
  });

  it('never ends a line in what stands in quotes, where a line can hold it', () => {
    expect(breakLines('Then run "systemctl --user daemon-reload".', 36)).toEqual([
      'Then run',
      '"systemctl --user daemon-reload".',
    ]);
    expect(breakLines('然后运行“systemctl --user daemon-reload”。', 40)).toEqual([
      '然后运行',
      '“systemctl --user daemon-reload”。',
    ]);
    expect(breakLines('run "a b c d"', 5)).toEqual(['run', '"a b', 'c d"']);
    expect(breakLines('5" and 6 inches', 8)).toEqual(['5" and 6', 'inches']);
    expect(breakLines('an "open quote that', 9)).toEqual(['an "open', 'quote', 'that']);
  });

  it('breaks plain text where it breaks the same text in colour', () => {
    const start = '\u001B[1m';
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab.,(: '.split('')) }),
        fc.integer({ min: 1, max: 9 }),
        (text, most) => {
          const painted = breakLines(start + text, most)
            .join('\n')
            .replace(start, '');
          expect(breakLines(text, most).join('\n')).toBe(painted);
        },
      ),
    );
  });

  it('counts no columns for colours', () => {
    const red = styleText('red', 'stays', { validateStream: false });
    expect(breakLines(`${red} down`, 10)).toEqual([`${red} down`]);
  });

  it('ends a line in what it shows, not in a space before a colour', () => {
    const green = styleText('green', 'Restart=always', { validateStream: false });
    expect(breakLines(`help → ${green}`, 14)).toEqual(['help →', green]);
  });

  it('loses nothing but spaces, and no line is too wide that could be broken', () => {
    const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });
    const piece = fc.constantFrom('用', '户', '，', '（', '）', 'a', 'bc', ' ', '。', 'é', '/', '“', '”');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 4, max: 20 }), (pieces, columns) => {
        const text = pieces.join('');
        const lines = breakLines(text, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        // A word stays whole, such as 用户, and what is a word depends on the text around it.
        const begins = Array.from(segmenter.segment(text), ({ index }) => index);
        let from = 0;
        const couldBreak = (line: string) => {
          const start = text.indexOf(line, from);
          from = start + line.length;
          const isBetweenWords = begins.some(
            at => at > start && at < from && /^\p{Script=Han}{2}$/u.test(text.slice(at - 1, at + 1)),
          );
          return line.includes(' ') || (!line.includes('/') && isBetweenWords);
        };
        for (const line of lines.filter(couldBreak)) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
