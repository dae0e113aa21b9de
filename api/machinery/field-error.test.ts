import { expect, test } from "vitest";
import { describeFieldError, invalid, type FieldError } from "./field-error.ts";
import { bad, duplicate, forbidden, required, tooLong, tooMany, unsupported } from "./findings.ts";

test.each<[text: string, finding: FieldError]>([
  ['Invalid value: "x": must be y', bad("f", "x", "must be y")],
  ['Invalid value: "a\\"b"', bad("f", 'a"b', "")],
  ["Invalid value: 70000: too much", bad("f", 70_000, "too much")],
  ["Invalid value: 9223372036854775807: too much", bad("f", 2n ** 63n - 1n, "too much")],
  ["Invalid value: true: no", bad("f", true, "no")],
  ["Invalid value: null: no", bad("f", null, "no")],
  ["Invalid value: null: no", bad("f", undefined, "no")],
  ["Invalid value: no", { type: "Invalid", field: "f", detail: "no" }],
  ['Invalid value: {"a":"b","c":1152921504606846976}: no', bad("f", { a: "b", c: 2n ** 60n }, "no")],
  ['Invalid value: ["a",1]: no', bad("f", ["a", 1], "no")],
  ['Duplicate value: "x"', duplicate("f", "x")],
  ["Required value", required("f")],
  ["Required value: say why", required("f", "say why")],
  ["Forbidden: not here", forbidden("f", "not here")],
  ["Too long: may not be more than 63 bytes", tooLong("f", 63)],
  ["Too many: 3: must have at most 2 items", tooMany("f", 3, 2)],
  ["Too many: 2: must have at most 1 item", tooMany("f", 2, 1)],
  ['Unsupported value: "C": supported values: "A", "B"', unsupported("f", "C", ["B", "A"])],
])("%s", (text, finding) => expect(describeFieldError(finding)).toBe(text));

test("one refusal tells all findings", () => {
  const refusal = invalid({ group: "apps", kind: "Deployment" }, "web", [
    required("spec.selector"),
    bad("spec.n", -1, "no"),
  ]);
  expect(refusal.toStatus()).toEqual({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: 'Deployment.apps "web" is invalid: [spec.selector: Required value, spec.n: Invalid value: -1: no]',
    reason: "Invalid",
    details: {
      name: "web",
      group: "apps",
      kind: "Deployment",
      causes: [
        { reason: "FieldValueRequired", message: "Required value", field: "spec.selector" },
        { reason: "FieldValueInvalid", message: "Invalid value: -1: no", field: "spec.n" },
      ],
    },
    code: 422,
  });
});

test("a single finding stands without brackets", () => {
  expect(invalid({ group: "", kind: "Pod" }, "web", [required("spec")]).message).toBe(
    'Pod "web" is invalid: spec: Required value',
  );
});
