import { itAnswers } from "../expressions.testing.ts";

itAnswers("checker", [
  [
    "i == 1.0",
    "error: ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, double)'\n | i == 1.0\n | ..^",
  ],
  ["x.y", "error: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y\n | ^"],
  ["Foo", "error: ERROR: <input>:1:1: undeclared reference to 'Foo' (in container '')\n | Foo\n | ^"],
  [
    "1 == 'a'",
    "error: ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, string)'\n | 1 == 'a'\n | ..^",
  ],
  [
    "1 < 'a'",
    "error: ERROR: <input>:1:3: found no matching overload for '_<_' applied to '(int, string)'\n | 1 < 'a'\n | ..^",
  ],
  ["int(1e30)", "error: integer overflow"],
  ["l.all(x, x)", "error: ERROR: <input>:1:10: expected type 'bool' but found 'int'\n | l.all(x, x)\n | .........^"],
  ["i.foo", "error: ERROR: <input>:1:2: type 'int' does not support field selection\n | i.foo\n | .^"],
  [
    "[1,2].all(x, y)",
    "error: ERROR: <input>:1:14: undeclared reference to 'y' (in container '')\n | [1,2].all(x, y)\n | .............^",
  ],
  [
    "1 ? 2 : 3",
    "error: ERROR: <input>:1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'\n | 1 ? 2 : 3\n | ..^",
  ],
  [
    "'a' + b'b'",
    "error: ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, bytes)'\n | 'a' + b'b'\n | ....^",
  ],
  ["{1:2,'a':3}", "error: ERROR: <input>:1:6: expected type 'int' but found 'string'\n | {1:2,'a':3}\n | .....^"],
  ["[1, 2.0]", "error: ERROR: <input>:1:5: expected type 'int' but found 'double'\n | [1, 2.0]\n | ....^"],
  ["[1, dyn('a')]", "error: ERROR: <input>:1:8: expected type 'int' but found 'dyn'\n | [1, dyn('a')]\n | .......^"],
  [
    "optional.of(1) + 1",
    "error: ERROR: <input>:1:16: found no matching overload for '_+_' applied to '(optional_type(int), int)'\n | optional.of(1) + 1\n | ...............^",
  ],
  [
    "f(g(1))",
    "error: ERROR: <input>:1:2: undeclared reference to 'f' (in container '')\n | f(g(1))\n | .^\nERROR: <input>:1:4: undeclared reference to 'g' (in container '')\n | f(g(1))\n | ...^",
  ],
  [
    "self.a.f()",
    "error: ERROR: <input>:1:9: undeclared reference to 'f' (in container '')\n | self.a.f()\n | ........^",
  ],
  [
    "l.map(x)",
    "error: ERROR: <input>:1:6: undeclared reference to 'map' (in container '')\n | l.map(x)\n | .....^\nERROR: <input>:1:7: undeclared reference to 'x' (in container '')\n | l.map(x)\n | ......^",
  ],
  [
    "l.all(x,y,z,w)",
    "error: ERROR: <input>:1:6: undeclared reference to 'all' (in container '')\n | l.all(x,y,z,w)\n | .....^\nERROR: <input>:1:7: undeclared reference to 'x' (in container '')\n | l.all(x,y,z,w)\n | ......^\nERROR: <input>:1:9: undeclared reference to 'y' (in container '')\n | l.all(x,y,z,w)\n | ........^\nERROR: <input>:1:11: undeclared reference to 'z' (in container '')\n | l.all(x,y,z,w)\n | ..........^\nERROR: <input>:1:13: undeclared reference to 'w' (in container '')\n | l.all(x,y,z,w)\n | ............^",
  ],
  ["size()", "error: ERROR: <input>:1:5: found no matching overload for 'size' applied to '()'\n | size()\n | ....^"],
  [
    "size(1)",
    "error: ERROR: <input>:1:5: found no matching overload for 'size' applied to '(int)'\n | size(1)\n | ....^",
  ],
  ['-"a"', "error: ERROR: <input>:1:1: found no matching overload for '-_' applied to '(string)'\n | -\"a\"\n | ^"],
  ["!1", "error: ERROR: <input>:1:1: found no matching overload for '!_' applied to '(int)'\n | !1\n | ^"],
  [
    "1 in 1",
    "error: ERROR: <input>:1:3: found no matching overload for '@in' applied to '(int, int)'\n | 1 in 1\n | ..^",
  ],
  [
    "s[0]",
    "error: ERROR: <input>:1:2: found no matching overload for '_[_]' applied to '(string, int)'\n | s[0]\n | .^",
  ],
  ["i[0]", "error: ERROR: <input>:1:2: found no matching overload for '_[_]' applied to '(int, int)'\n | i[0]\n | .^"],
  ["[?i]", "error: ERROR: <input>:1:3: expected type 'optional_type(int)' but found 'int'\n | [?i]\n | ..^"],
  [
    "1 +\n 'a'",
    "error: ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 +\n | ..^",
  ],
  ["true || 1", "error: ERROR: <input>:1:9: expected type 'bool' but found 'int'\n | true || 1\n | ........^"],
  [
    "x ? y : z",
    "error: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x ? y : z\n | ^\nERROR: <input>:1:5: undeclared reference to 'y' (in container '')\n | x ? y : z\n | ....^\nERROR: <input>:1:9: undeclared reference to 'z' (in container '')\n | x ? y : z\n | ........^",
  ],
  ["a.if", "error: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a.if\n | ^"],
  ["true.b", "error: ERROR: <input>:1:5: type 'bool' does not support field selection\n | true.b\n | ....^"],
  ["Foo{a:1}.b", "error: ERROR: <input>:1:4: undeclared reference to 'Foo' (in container '')\n | Foo{a:1}.b\n | ...^"],
  ["a()", "error: ERROR: <input>:1:2: undeclared reference to 'a' (in container '')\n | a()\n | .^"],
  [
    "a().b()",
    "error: ERROR: <input>:1:2: undeclared reference to 'a' (in container '')\n | a().b()\n | .^\nERROR: <input>:1:6: undeclared reference to 'b' (in container '')\n | a().b()\n | .....^",
  ],
  [
    "'%d'.format(['x'])",
    "error: ERROR: <input>:1:14: error during formatting: decimal clause can only be used on integers, was given string\n | '%d'.format(['x'])\n | .............^",
  ],
  ["'%s'.format([])", "error: ERROR: <input>:1:12: index 0 out of range\n | '%s'.format([])\n | ...........^"],
  [
    "'%q'.format([1])",
    "error: ERROR: <input>:1:12: could not parse formatting clause: unrecognized formatting clause \"q\"\n | '%q'.format([1])\n | ...........^",
  ],
  [
    "'%f'.format([1])",
    "error: ERROR: <input>:1:14: error during formatting: fixed-point clause can only be used on doubles, was given int\n | '%f'.format([1])\n | .............^",
  ],
  [
    "'%s'.format([optional.of(1)])",
    "error: ERROR: <input>:1:25: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type\n | '%s'.format([optional.of(1)])\n | ........................^",
  ],
  [
    "'%.'.format([1])",
    "error: ERROR: <input>:1:12: could not parse formatting clause: error while parsing precision: could not find end of precision specifier\n | '%.'.format([1])\n | ...........^",
  ],
  ["'%'.format([1])", "error: ERROR: <input>:1:11: unexpected end of string\n | '%'.format([1])\n | ..........^"],
  ["double('1e400')", "error: type conversion error from 'string' to 'double'"],
  ["double('x')", "error: type conversion error from 'string' to 'double'"],
  ["double('0x10')", "error: type conversion error from 'string' to 'double'"],
  ["int('0x10')", "error: type conversion error from 'string' to 'int'"],
  ["int(' 1')", "error: type conversion error from 'string' to 'int'"],
  ["int('9223372036854775808')", "error: type conversion error from 'string' to 'int'"],
  ["int(9223372036854775807.0)", "error: integer overflow"],
  ["int(double('nan'))", "error: integer overflow"],
  ["uint(-1)", "error: unsigned integer overflow"],
  ["uint('-1')", "error: type conversion error from 'string' to 'uint'"],
  ["bool('yes')", "error: type conversion error from 'string' to 'bool'"],
  [
    "timestamp('2020-01-01')",
    "error: ERROR: <input>:1:11: invalid timestamp argument\n | timestamp('2020-01-01')\n | ..........^",
  ],
  ["duration('5')", "error: ERROR: <input>:1:10: invalid duration argument\n | duration('5')\n | .........^"],
  [
    "[[1],[2,[3]]].flatten(2)",
    "error: ERROR: <input>:1:6: expected type 'list(int)' but found 'list(dyn)'\n | [[1],[2,[3]]].flatten(2)\n | .....^\nERROR: <input>:1:9: expected type 'int' but found 'list(int)'\n | [[1],[2,[3]]].flatten(2)\n | ........^",
  ],
  [
    "[1,[2,[3,[4]]]].flatten(2)",
    "error: ERROR: <input>:1:4: expected type 'int' but found 'list(dyn)'\n | [1,[2,[3,[4]]]].flatten(2)\n | ...^\nERROR: <input>:1:7: expected type 'int' but found 'list(dyn)'\n | [1,[2,[3,[4]]]].flatten(2)\n | ......^\nERROR: <input>:1:10: expected type 'int' but found 'list(int)'\n | [1,[2,[3,[4]]]].flatten(2)\n | .........^",
  ],
  [
    "[1,2].existsOne(v,v==1)",
    "error: ERROR: <input>:1:16: undeclared reference to 'existsOne' (in container '')\n | [1,2].existsOne(v,v==1)\n | ...............^\nERROR: <input>:1:17: undeclared reference to 'v' (in container '')\n | [1,2].existsOne(v,v==1)\n | ................^\nERROR: <input>:1:19: undeclared reference to 'v' (in container '')\n | [1,2].existsOne(v,v==1)\n | ..................^",
  ],
  ["'abc'.find('(')", "error: error parsing regexp: missing closing ): `(`"],
  [
    "semver('1.2.3-alpha.1') < semver('1.2.3')",
    "error: ERROR: <input>:1:25: found no matching overload for '_<_' applied to '(kubernetes.Semver, kubernetes.Semver)'\n | semver('1.2.3-alpha.1') < semver('1.2.3')\n | ........................^",
  ],
  [
    "[?o.?a, ?o.?zz, 5]",
    "error: ERROR: <input>:1:17: expected type 'dyn' but found 'int'\n | [?o.?a, ?o.?zz, 5]\n | ................^",
  ],
  [
    "[1] == [1.0]",
    "error: ERROR: <input>:1:5: found no matching overload for '_==_' applied to '(list(int), list(double))'\n | [1] == [1.0]\n | ....^",
  ],
  [
    "{1:'a'}[1u]",
    "error: ERROR: <input>:1:8: found no matching overload for '_[_]' applied to '(map(int, string), uint)'\n | {1:'a'}[1u]\n | .......^",
  ],
  ["{1:1,1u:2}", "error: ERROR: <input>:1:6: expected type 'int' but found 'uint'\n | {1:1,1u:2}\n | .....^"],
  [
    "dyn({'a':1,'b':'x'})",
    "error: ERROR: <input>:1:16: expected type 'int' but found 'string'\n | dyn({'a':1,'b':'x'})\n | ...............^",
  ],
  ["duration", "error: ERROR: <input>:1:1: undeclared reference to 'duration' (in container '')\n | duration\n | ^"],
  ["x.y.z", "error: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x.y.z\n | ^"],
  ["b.c", "error: ERROR: <input>:1:2: type 'bool' does not support field selection\n | b.c\n | .^"],
  ["d.foo()", "error: ERROR: <input>:1:6: undeclared reference to 'foo' (in container '')\n | d.foo()\n | .....^"],
  [
    "i.size()",
    "error: ERROR: <input>:1:7: found no matching overload for 'size' applied to 'int.()'\n | i.size()\n | ......^",
  ],
  [
    "1.5 % 2.0",
    "error: ERROR: <input>:1:5: found no matching overload for '_%_' applied to '(double, double)'\n | 1.5 % 2.0\n | ....^",
  ],
  [
    "'a' * 2",
    "error: ERROR: <input>:1:5: found no matching overload for '_*_' applied to '(string, int)'\n | 'a' * 2\n | ....^",
  ],
  [
    "[1,2].exists(x, x > y)",
    "error: ERROR: <input>:1:21: undeclared reference to 'y' (in container '')\n | [1,2].exists(x, x > y)\n | ....................^",
  ],
  [
    "a.b().c(d)",
    "error: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a.b().c(d)\n | ^\nERROR: <input>:1:4: undeclared reference to 'b' (in container '')\n | a.b().c(d)\n | ...^\nERROR: <input>:1:8: undeclared reference to 'c' (in container '')\n | a.b().c(d)\n | .......^",
  ],
  [
    "'%s %s'.format(['a'])",
    "error: ERROR: <input>:1:15: index 1 out of range\n | '%s %s'.format(['a'])\n | ..............^",
  ],
  [
    "'%s'.format(['a','b'])",
    "error: ERROR: <input>:1:12: too many arguments supplied to string.format (expected 1, got 2)\n | '%s'.format(['a','b'])\n | ...........^",
  ],
  [
    "'%s'.format([ip('1.2.3.4')])",
    "error: ERROR: <input>:1:16: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given net.IP\n | '%s'.format([ip('1.2.3.4')])\n | ...............^",
  ],
  [
    "'%5s'.format(['x'])",
    "error: ERROR: <input>:1:13: could not parse formatting clause: unrecognized formatting clause \"5\"\n | '%5s'.format(['x'])\n | ............^",
  ],
  ["[1,'a','b']", "error: ERROR: <input>:1:4: expected type 'int' but found 'string'\n | [1,'a','b']\n | ...^"],
  ["[1,'a',2,'b']", "error: ERROR: <input>:1:4: expected type 'int' but found 'string'\n | [1,'a',2,'b']\n | ...^"],
  ["[null,1]", "error: ERROR: <input>:1:7: expected type 'null' but found 'int'\n | [null,1]\n | ......^"],
  ["[1,null]", "error: ERROR: <input>:1:4: expected type 'int' but found 'null'\n | [1,null]\n | ...^"],
  ["[1,dyn(1)]", "error: ERROR: <input>:1:7: expected type 'int' but found 'dyn'\n | [1,dyn(1)]\n | ......^"],
  ["[dyn(1),1]", "error: ERROR: <input>:1:9: expected type 'dyn' but found 'int'\n | [dyn(1),1]\n | ........^"],
  [
    "{'a':1,'b':dyn(1)}",
    "error: ERROR: <input>:1:15: expected type 'int' but found 'dyn'\n | {'a':1,'b':dyn(1)}\n | ..............^",
  ],
  [
    "{1:1,dyn('a'):1}",
    "error: ERROR: <input>:1:9: expected type 'int' but found 'dyn'\n | {1:1,dyn('a'):1}\n | ........^",
  ],
  [
    "[?optional.of(1),'a']",
    "error: ERROR: <input>:1:18: expected type 'int' but found 'string'\n | [?optional.of(1),'a']\n | .................^",
  ],
  [
    "[timestamp('2020-01-01T00:00:00Z'),null]",
    "error: ERROR: <input>:1:36: expected type 'timestamp' but found 'null'\n | [timestamp('2020-01-01T00:00:00Z'),null]\n | ...................................^",
  ],
  ["[o,1]", "error: ERROR: <input>:1:4: expected type 'dyn' but found 'int'\n | [o,1]\n | ...^"],
  ["[1,'a'].size()", "error: ERROR: <input>:1:4: expected type 'int' but found 'string'\n | [1,'a'].size()\n | ...^"],
  [
    "[[1,2],['a','b']]",
    "error: ERROR: <input>:1:8: expected type 'list(int)' but found 'list(string)'\n | [[1,2],['a','b']]\n | .......^",
  ],
  [
    "[[1],['a']]",
    "error: ERROR: <input>:1:6: expected type 'list(int)' but found 'list(string)'\n | [[1],['a']]\n | .....^",
  ],
  [
    "{'a':1}.map(k,[1,'a'])",
    "error: ERROR: <input>:1:18: expected type 'int' but found 'string'\n | {'a':1}.map(k,[1,'a'])\n | .................^",
  ],
  ["{1:1, 1u:2}", "error: ERROR: <input>:1:7: expected type 'int' but found 'uint'\n | {1:1, 1u:2}\n | ......^"],
  [
    "[1] < [2]",
    "error: ERROR: <input>:1:5: found no matching overload for '_<_' applied to '(list(int), list(int))'\n | [1] < [2]\n | ....^",
  ],
]);
