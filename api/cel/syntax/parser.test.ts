import { itAnswers } from "../expressions.testing.ts";

itAnswers("parser", [
  [
    "cel.@mapInsert",
    "error: ERROR: <input>:1:5: Syntax error: token recognition error at: '@'\n | cel.@mapInsert\n | ....^",
  ],
  [
    "[",
    "error: ERROR: <input>:1:2: Syntax error: mismatched input '<EOF>' expecting {'[', ']', '{', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | [\n | .^",
  ],
  [
    "{",
    "error: ERROR: <input>:1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '}', '(', '.', ',', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | {\n | .^",
  ],
  ["[1,", "error: ERROR: <input>:1:4: Syntax error: missing ']' at '<EOF>'\n | [1,\n | ...^"],
  ["{'a'", "error: ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting ':'\n | {'a'\n | ....^"],
  [
    "{'a':",
    "error: ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | {'a':\n | .....^",
  ],
  ["a.", "error: ERROR: <input>:1:3: Syntax error: no viable alternative at input '.'\n | a.\n | ..^"],
  ["a.1", "error: ERROR: <input>:1:2: Syntax error: extraneous input '.1' expecting <EOF>\n | a.1\n | .^"],
  [
    "a[",
    "error: ERROR: <input>:1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | a[\n | ..^",
  ],
  ["a[1", "error: ERROR: <input>:1:4: Syntax error: missing ']' at '<EOF>'\n | a[1\n | ...^"],
  [
    "f(",
    "error: ERROR: <input>:1:3: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', ')', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | f(\n | ..^",
  ],
  ["f(1", "error: ERROR: <input>:1:4: Syntax error: missing ')' at '<EOF>'\n | f(1\n | ...^"],
  [
    "f(1,",
    "error: ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | f(1,\n | ....^",
  ],
  ["a ? b", "error: ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting ':'\n | a ? b\n | .....^"],
  [
    "a ? b :",
    "error: ERROR: <input>:1:8: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | a ? b :\n | .......^",
  ],
  [
    "a ?",
    "error: ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | a ?\n | ...^",
  ],
  [
    "* 1",
    "error: ERROR: <input>:1:1: Syntax error: extraneous input '*' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | * 1\n | ^",
  ],
  [
    "1 * * 2",
    "error: ERROR: <input>:1:5: Syntax error: extraneous input '*' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 * * 2\n | ....^",
  ],
  [
    "a &&",
    "error: ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | a &&\n | ....^",
  ],
  [
    "&& a",
    "error: ERROR: <input>:1:1: Syntax error: extraneous input '&&' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | && a\n | ^",
  ],
  [
    "a == ",
    "error: ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | a == \n | .....^",
  ],
  ["1 2", "error: ERROR: <input>:1:3: Syntax error: extraneous input '2' expecting <EOF>\n | 1 2\n | ..^"],
  ["a..b", "error: ERROR: <input>:1:3: Syntax error: no viable alternative at input '..'\n | a..b\n | ..^"],
  [
    "@",
    "error: ERROR: <input>:1:1: Syntax error: token recognition error at: '@'\n | @\n | ^\nERROR: <input>:1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | @\n | .^",
  ],
  ["$x", "error: ERROR: <input>:1:1: Syntax error: token recognition error at: '$'\n | $x\n | ^"],
  [
    "a = 1",
    "error: ERROR: <input>:1:3: Syntax error: token recognition error at: '= '\n | a = 1\n | ..^\nERROR: <input>:1:5: Syntax error: extraneous input '1' expecting <EOF>\n | a = 1\n | ....^",
  ],
  [
    '"abc',
    "error: ERROR: <input>:1:1: Syntax error: token recognition error at: '\"abc'\n | \"abc\n | ^\nERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | \"abc\n | ....^",
  ],
  ["'''abc", "error: ERROR: <input>:1:3: Syntax error: token recognition error at: ''abc'\n | '''abc\n | ..^"],
  ['"""abc', 'error: ERROR: <input>:1:3: Syntax error: token recognition error at: \'"abc\'\n | """abc\n | ..^'],
  ["if", "error: ERROR: <input>:1:1: reserved identifier: if\n | if\n | ^"],
  [
    "a.null",
    "error: ERROR: <input>:1:3: Syntax error: mismatched input 'null' expecting IDENTIFIER\n | a.null\n | ..^",
  ],
  [
    "Foo{",
    "error: ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}\n | Foo{\n | ....^",
  ],
  ["Foo{a", "error: ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>' expecting ':'\n | Foo{a\n | .....^"],
  [
    "Foo{a:",
    "error: ERROR: <input>:1:7: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | Foo{a:\n | ......^",
  ],
  [
    "Foo{a:1",
    "error: ERROR: <input>:1:8: Syntax error: mismatched input '<EOF>' expecting {'}', ','}\n | Foo{a:1\n | .......^",
  ],
  [
    "Foo{1:2}",
    "error: ERROR: <input>:1:5: Syntax error: mismatched input '1' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}\n | Foo{1:2}\n | ....^",
  ],
  [
    "self.map(self.a, 1)",
    "error: ERROR: <input>:1:14: argument is not an identifier\n | self.map(self.a, 1)\n | .............^",
  ],
  [
    "a.exists(b.c, true)",
    "error: ERROR: <input>:1:11: argument must be a simple name\n | a.exists(b.c, true)\n | ..........^",
  ],
  [
    "()",
    "error: ERROR: <input>:1:2: Syntax error: mismatched input ')' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | ()\n | .^",
  ],
  ["(1", "error: ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'\n | (1\n | ..^"],
  ["1)", "error: ERROR: <input>:1:2: Syntax error: extraneous input ')' expecting <EOF>\n | 1)\n | .^"],
  [
    "]",
    "error: ERROR: <input>:1:1: Syntax error: mismatched input ']' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | ]\n | ^",
  ],
  [
    ":",
    "error: ERROR: <input>:1:1: Syntax error: mismatched input ':' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | :\n | ^",
  ],
  [
    ",",
    "error: ERROR: <input>:1:1: Syntax error: mismatched input ',' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | ,\n | ^",
  ],
  ["a,b", "error: ERROR: <input>:1:2: Syntax error: mismatched input ',' expecting <EOF>\n | a,b\n | .^"],
  ["18446744073709551616u", "error: ERROR: <input>:1:1: invalid uint literal\n | 18446744073709551616u\n | ^"],
]);
