import { expect, test } from "vitest";
import { defaultPullPolicy, imageTag } from "./image-reference.ts";

const sha = `sha256:${"a".repeat(64)}`;

test.each([
  ["nginx", "latest"],
  ["nginx:latest", "latest"],
  ["nginx:1.27", "1.27"],
  ["localhost:5000/a/b", "latest"],
  ["registry.example.com:5000/a/b:v1", "v1"],
  ["[::1]:5000/a:v1", "v1"],
  [`nginx@${sha}`, ""],
  [`nginx:1.27@${sha}`, "1.27"],
  ["my__app/x-y.z", "latest"],
])("the tag of %s is %j", (image, tag) => {
  expect(imageTag(image)).toBe(tag);
});

test.each(["", "Nginx", "a:", "a@sha256:1", "a//b", "a".repeat(300), "a".repeat(64), "../a", "a b"])(
  "%j is no reference",
  (image) => {
    expect(imageTag(image)).toBe("");
    expect(defaultPullPolicy(image)).toBe("IfNotPresent");
  },
);

test("only the latest is pulled always", () => {
  expect([defaultPullPolicy("nginx"), defaultPullPolicy("nginx:1"), defaultPullPolicy(`nginx@${sha}`)]).toEqual([
    "Always",
    "IfNotPresent",
    "IfNotPresent",
  ]);
});
