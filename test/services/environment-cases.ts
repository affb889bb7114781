/** Environment files and command lines of every kind, for the reading and for real systemd. */

/** A file's text and the variables that it sets. */
export const environmentFiles: readonly (readonly [
  text: string,
  variables: Readonly<Record<string, string>>,
])[] = [
  ['A=1\nB=two words  \n', { A: '1', B: 'two words' }],
  ['A = spaced\n', { A: 'spaced' }],
  ['# A=1\n; B=2\n\n  C=3', { C: '3' }],
  ['A="double \\"quoted\\" \\$x \\n"\n', { A: 'double "quoted" $x \\n' }],
  ["A='single \\ quoted'\n", { A: 'single \\ quoted' }],
  ['A="two"  \'parts\'\n', { A: 'twoparts' }],
  ['A="quoted" # tail\n', { A: 'quoted# tail' }],
  ['A=bare"quotes"\n', { A: 'bare"quotes"' }],
  ['A=one\\\ntwo\n', { A: 'onetwo' }],
  ['A="one\ntwo"\nB=1\n', { A: 'one\ntwo', B: '1' }],
  ['A=escaped\\ \n', { A: 'escaped ' }],
  ['A=\nB=1', { A: '', B: '1' }],
  ['export A=1\nB=2\n', { B: '2' }],
  ['no assignment\nA=1\n', { A: '1' }],
  ['1A=1\nB-C=2\nD=3\r\n', { D: '3' }],
  ['A=1\nA=2\n', { A: '2' }],
];

/** Lines of [Service] that set `A`, `B` and `C`, and the command that is run with them. */
export const services: readonly (readonly string[])[] = [
  ['Environment=A=1 "B=two words" C=%%', 'ExecStart=@app@ ${A} $B x$A ${C}'],
  ['Environment=A=1', 'Environment=', 'Environment=B=2', 'ExecStart=@app@ $B ${B}${B}'],
  ['Environment="A=-x \'y z\' w" B=', 'ExecStart=@app@ $A "${A}" $B "${B}" $$A $${A} a$$b'],
  ['Environment=A="q u" B=\'\\x41\' C=a=b', 'ExecStart=@app@ ${A} ${B} ${C}'],
  ['Environment=A=1 B=2', 'UnsetEnvironment=A B=3', 'ExecStart=:@app@ $A ${B}'],
  ['EnvironmentFile=@folder@/a.env', 'Environment=A=unit', 'ExecStart=@app@ ${A} ${B}'],
  [
    'EnvironmentFile=@folder@/a.env',
    'EnvironmentFile=-@folder@/none',
    'EnvironmentFile=@folder@/b.env',
    'ExecStart=@app@ ${A} ${B} ${C}',
  ],
  ['EnvironmentFile=@folder@/*.env', 'ExecStart=@app@ ${A} ${B} ${C}'],
  ['EnvironmentFile=@folder@/[b].env', 'ExecStart=@app@ ${C}'],
];

/** What lies in `@folder@`. */
export const files: Readonly<Record<string, string>> = {
  'a.env': 'A=a\nB="from a"\n',
  'b.env': 'A=b\nC=c\n',
  '.hidden.env': 'A=hidden\n',
};
