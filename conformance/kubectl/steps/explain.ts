import { expect } from "vitest";
import type { Subject } from "../subject.ts";

/** The kind, its fields, one nested field, all of them, and the same from the v2 document. */
export async function explain({ kubectl, resource, full }: Subject): Promise<void> {
  const [group, version] = full.apiVersion.includes("/") ? full.apiVersion.split("/") : ["", full.apiVersion];
  const [name = ""] = resource.split(".");
  const at = ["--api-version", full.apiVersion];
  const text = await kubectl.ok(["explain", name, ...at]);
  if (group !== "") expect(text).toMatch(new RegExp(`^GROUP: +${group}\n`));
  expect(text).toMatch(new RegExp(`^KIND: +${full.kind}$`, "m"));
  expect(text).toMatch(new RegExp(`^VERSION: +${version}$`, "m"));
  expect(text).toMatch(/^DESCRIPTION:\n {4}\w.{10}/m);
  expect(text).toMatch(/^FIELDS:\n/m);
  expect(text).toMatch(/^ {2}metadata\t<ObjectMeta>(?: -required-)?\n {4}\w/m);
  const nested = await kubectl.ok(["explain", `${name}.metadata.ownerReferences.uid`, ...at]);
  expect(nested).toMatch(/^FIELD: uid <string>(?: -required-)?$/m);
  const all = await kubectl.ok(["explain", name, "--recursive", ...at]);
  expect(all).toMatch(/^ {4}ownerReferences\t<\[\]OwnerReference>\n {6}apiVersion\t<string> -required-$/m);
  for (const field of Object.keys(full)) expect(all).toMatch(new RegExp(String.raw`^  ${field}\t<`, "m"));
  const old = await kubectl.ok(["explain", name, "--output=plaintext-openapiv2", ...at]);
  expect(old).toMatch(new RegExp(`^KIND: +${full.kind}$`, "m"));
  expect(old).toMatch(/^ {3}metadata\t<Object>(?: -required-)?$/m);
}
