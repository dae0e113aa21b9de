import { expect, it } from "vitest";
import { sampleWriteContext } from "../row.testing.ts";
import { serviceAccounts } from "./service-accounts.ts";

it("warns of an annotation that has no future, once", () => {
  const plain = { metadata: { name: "robot" } };
  const limited = { metadata: { name: "robot", annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } } };
  const warnings = [
    "metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets",
  ];
  const context = sampleWriteContext();
  expect(serviceAccounts.warn?.(plain, undefined, context)).toEqual([]);
  expect(serviceAccounts.warn?.(limited, undefined, context)).toEqual(warnings);
  expect(serviceAccounts.warn?.(limited, plain, context)).toEqual(warnings);
  expect(serviceAccounts.warn?.(limited, limited, context)).toEqual([]);
});
