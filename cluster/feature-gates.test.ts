import { expect, it } from "vitest";
import { requireFeatureGates } from "./feature-gates.ts";

it("honours what is so by default", () => {
  expect(() => requireFeatureGates("")).not.toThrow();
  expect(() =>
    requireFeatureGates("APIResponseCompression=true, AllAlpha=false,APIServingWithRoutine=F"),
  ).not.toThrow();
});

it("refuses by name what would change something", () => {
  expect(() => requireFeatureGates("APIServerTracing=true,APIServingWithRoutine=true")).toThrow(
    "--feature-gates: APIServingWithRoutine is always off here; leave out APIServingWithRoutine=true",
  );
  expect(() => requireFeatureGates("AllBeta=true")).toThrow("AllBeta is always off here");
});

it("refuses names that Kubernetes does not know", () => {
  expect(() => requireFeatureGates("Sidecars=true")).toThrow("has no feature gate Sidecars");
  expect(() => requireFeatureGates("constructor=true")).toThrow("has no feature gate constructor");
  expect(() => requireFeatureGates("__proto__=true")).toThrow("has no feature gate __proto__");
});

it("refuses what is no boolean", () => {
  expect(() => requireFeatureGates("APIServerTracing=yes")).toThrow("APIServerTracing=yes is not true or false");
  expect(() => requireFeatureGates("APIServerTracing")).toThrow("APIServerTracing= is not true or false");
  expect(() => requireFeatureGates("=true")).toThrow('"=true" has no name');
});
