#!/usr/bin/env node
// The command `daruma`. It refuses a Node that is too old, in one line, and starts the rest. Every Node has to understand this
// file: its syntax is that of 2009, and it has the texts of both languages, since no other file can be loaded by then.
'use strict';

var manifest = require('../package.json');

var oldest = parseInt(/\d+/.exec(manifest.engines.node)[0], 10);
if (parseInt(process.versions.node, 10) < oldest) refuse();
else require('../dist/cli/main.cjs');

function refuse() {
  var texts = isChinese()
    ? {
        message: '当前的 Node 是 ' + process.version + '，daruma 需要 Node ' + oldest + ' 或更新的版本',
        hint: '请从 https://nodejs.org 安装新版本，或让它在 PATH 中排在最前',
        open: '（',
        close: '）',
      }
    : {
        message: 'this is Node ' + process.version + ', and daruma needs Node ' + oldest + ' or newer',
        hint: 'install it from https://nodejs.org, or put it first in PATH',
        open: ' (',
        close: ')',
      };
  process.exitCode = 3;
  if (wantsJson()) {
    var error = { code: 'old-node', message: texts.message, where: null, hint: texts.hint };
    process.stdout.write(JSON.stringify({ schemaVersion: 1, daruma: manifest.version, error: error }) + '\n');
  } else {
    process.stderr.write('daruma: ' + texts.message + texts.open + texts.hint + texts.close + '\n');
  }
}

/** As src/cli/settings.ts chooses it. */
function isChinese() {
  var env = process.env;
  var wanted = option('--lang');
  var locale = wanted || env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  if (!wanted && !showsUnicode(env)) return false;
  return /^zh(?:[-_.@]|$)/i.test(locale);
}

function showsUnicode(env) {
  var locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  if (locale === 'C' || locale === 'POSIX') return false;
  var charset = /\.([^@]+)/.exec(locale);
  return charset === null || /^utf-?8$/i.test(charset[1]);
}

function wantsJson() {
  return process.argv.indexOf('--json') !== -1 || option('--format') === 'json';
}

/** As src/cli/run.ts reads options of which the text of an error depends. */
function option(name) {
  var words = process.argv.slice(2);
  var at = words.lastIndexOf(name);
  if (at !== -1) return words[at + 1];
  for (var index = words.length - 1; index >= 0; index--) {
    if (words[index].indexOf(name + '=') === 0) return words[index].slice(name.length + 1);
  }
  return undefined;
}
