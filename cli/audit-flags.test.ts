import { Command } from "commander";
import { expect, it } from "vitest";
import { addAuditFlags, auditOptions, type AuditFlags } from "./audit-flags.ts";
import { addEncryptionFlags, encryptionOptions, type EncryptionFlags } from "./encryption-flags.ts";

function parsed(...args: readonly string[]): AuditFlags & EncryptionFlags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addAuditFlags(command);
  addEncryptionFlags(command);
  return command.parse(args, { from: "user" }).opts();
}

it("what is noted is asked for with kube-apiserver's flags", () => {
  const flags = parsed(
    ...["--audit-policy-file=p.yaml", "--audit-log-path=-", "--audit-log-maxage=7", "--audit-log-compress"],
    ...["--audit-log-batch-buffer-size=5", "--audit-log-truncate-enabled", "--audit-log-version=audit.k8s.io/v1"],
    ...["--audit-webhook-config-file=w.yaml", "--audit-webhook-batch-max-wait=1m30s"],
    ...["--audit-webhook-batch-throttle-qps=0.5", "--audit-webhook-batch-throttle-enable=false"],
  );
  expect(auditOptions(flags)).toEqual({
    policyFile: "p.yaml",
    log: {
      path: "-",
      maxAge: 7,
      compress: true,
      version: "audit.k8s.io/v1",
      batch: { bufferSize: 5 },
      truncate: { enabled: true },
    },
    webhook: {
      configFile: "w.yaml",
      batch: { maxWait: 90_000, throttleQps: 0.5, throttleEnable: false },
      truncate: {},
    },
  });
  expect(auditOptions(parsed())).toEqual({ log: { batch: {}, truncate: {} }, webhook: { batch: {}, truncate: {} } });
});

it.each([["--audit-log-maxage=-1"], ["--audit-webhook-batch-max-wait=soon"], ["--audit-log-batch-throttle-qps=x"]])(
  "%s is refused",
  (flag) => {
    expect(() => parsed(flag)).toThrow(/argument .* is invalid/);
  },
);

it("how it is stored has kube-apiserver's flag, and a shorter one", () => {
  expect(encryptionOptions(parsed("--encryption-config=e.yaml"))).toEqual({ configFile: "e.yaml" });
  expect(
    encryptionOptions(
      parsed("--encryption-provider-config", "e.yaml", "--encryption-provider-config-automatic-reload=true"),
    ),
  ).toEqual({ configFile: "e.yaml", automaticReload: true });
});
