/** What is said of a body that is not the expected one. */
import { describe, expect, it } from 'vitest';
import { contentOf, wordsOf } from '../../src/http/content.ts';

describe('the words of a text of a server', () => {
  it.each([
    ['a title', '<!DOCTYPE html><title> 502 Bad\nGateway </title><h1>no</h1>', '502 Bad\nGateway'],
    ['a title with attributes', '<html><head><title lang="en">Oops</title>', 'Oops'],
    ['a page without a title', '<html><body><h1>Oops</h1>\n<p>try later</p></body></html>', 'Oops try later'],
    ['a heading alone', '<h1>503 Service Unavailable</h1>\nNo server', '503 Service Unavailable No server'],
    ['scripts and comments', '<!-- nginx --><html><script>a("x")</script><style>b</style>Down', 'Down'],
    ['a tag that is cut off', '<html>Down<a href="', 'Down'],
    ['plain text', 'invalid_token', 'invalid_token'],
    ['a text with a sign of less', '<nil> is no model', '<nil> is no model'],
  ])('%s', (_, text, words) => {
    expect(wordsOf(text)).toBe(words);
  });

  it.each(['<', '<script>', '<!--', '<title', ' '])('takes little time for many of %j', part => {
    const startMs = performance.now();
    wordsOf(`<html>${part.repeat(1_000_000)}`);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

it('of a page without a title its words are said', () => {
  expect(contentOf({ text: '<html><h1>Log in</h1>', json: undefined })).toEqual({
    kind: 'page',
    said: 'Log in',
  });
});
