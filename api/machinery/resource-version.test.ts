import { expect, it } from "vitest";
import { parseResourceVersion } from "./resource-version.ts";

it.each([
  [undefined, undefined],
  ["", undefined],
  ["0", 0],
  ["12", 12],
  ["007", 7],
  ["9223372036854775807", Number.MAX_SAFE_INTEGER],
])("%j is a resource version", (text, revision) => expect(parseResourceVersion(text)).toBe(revision));

it.each([
  ["x", "invalid syntax"],
  ["-1", "invalid syntax"],
  ["1.5", "invalid syntax"],
  [" 1", "invalid syntax"],
  ["18446744073709551616", "value out of range"],
  ["9".repeat(100_000), "value out of range"],
])("%s is refused", (text, why) => {
  const shown = JSON.stringify(text);
  expect(() => parseResourceVersion(text)).toThrow(
    `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${why}`,
  );
});
