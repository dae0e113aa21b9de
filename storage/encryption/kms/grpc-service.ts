import { randomUUID } from "node:crypto";
import { openUnaryCalls } from "./unary-calls.ts";
import type { KmsService } from "./service.ts";
import { bytesField, bytesOf, mapField, mapOf, readFields, textOf } from "./wire.ts";

/** Speaks to a plugin by its socket, in the v2 protocol. https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/#kms-v2 */
export function openGrpcService({ endpoint, timeoutMs }: { endpoint: string; timeoutMs: number }): KmsService {
  const calls = openUnaryCalls({ socket: socketOf(endpoint), service: "v2.KeyManagementService", timeoutMs });
  return {
    async status() {
      const fields = readFields(await calls.call("Status", Buffer.alloc(0)));
      return { version: textOf(fields, 1), healthz: textOf(fields, 2), keyId: textOf(fields, 3) };
    },
    async encrypt(plaintext) {
      const asked = Buffer.concat([bytesField(1, plaintext), bytesField(2, randomUUID())]);
      const fields = readFields(await calls.call("Encrypt", asked));
      return { encryptedSource: bytesOf(fields, 1), keyId: textOf(fields, 2), annotations: mapOf(fields, 3) };
    },
    async decrypt({ encryptedSource, keyId, annotations }) {
      const parts = [bytesField(1, encryptedSource), bytesField(2, randomUUID()), bytesField(3, keyId)];
      const asked = Buffer.concat([...parts, mapField(4, annotations)]);
      return bytesOf(readFields(await calls.call("Decrypt", asked)), 1);
    },
    close: () => calls.close(),
  };
}

/** `unix:///run/kms.sock`; with an @ before it, a name of Linux's abstract namespace. */
function socketOf(endpoint: string): string {
  const path = endpoint.replace(/^unix:(?:\/\/)?/, "");
  return path.startsWith("/@") ? `\0${path.slice(2)}` : path;
}
