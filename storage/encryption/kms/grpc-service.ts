import { randomUUID } from "node:crypto";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { realClock } from "../../../base/clock.ts";
import type { KmsService } from "./service.ts";
import { bytesField, bytesOf, mapField, mapOf, readFields, textOf } from "./wire.ts";

/** Keys are short, and so is everything else here. */
const mostAnswerBytes = 1024 * 1024;

/** Speaks to a plugin by its socket, in the v2 protocol. https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/#kms-v2 */
export function openGrpcService({
  endpoint,
  timeoutMs,
}: {
  readonly endpoint: string;
  readonly timeoutMs: number;
}): KmsService {
  const client = new Client(targetOf(endpoint), credentials.createInsecure(), {
    "grpc.max_receive_message_length": mostAnswerBytes,
    // A plugin may be started later, and then it should be found soon.
    "grpc.max_reconnect_backoff_ms": 1000,
  });
  const call = (method: string, message: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const path = `/v2.KeyManagementService/${method}`;
      const asIs = (bytes: Buffer): Buffer => bytes;
      client.makeUnaryRequest(path, asIs, asIs, message, { deadline: realClock.now() + timeoutMs }, (error, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(inGoWords(error));
      });
    });
  return {
    async status() {
      const fields = readFields(await call("Status", Buffer.alloc(0)));
      return { version: textOf(fields, 1), healthz: textOf(fields, 2), keyId: textOf(fields, 3) };
    },
    async encrypt(plaintext) {
      const asked = Buffer.concat([bytesField(1, plaintext), bytesField(2, randomUUID())]);
      const fields = readFields(await call("Encrypt", asked));
      return { encryptedSource: bytesOf(fields, 1), keyId: textOf(fields, 2), annotations: mapOf(fields, 3) };
    },
    async decrypt({ encryptedSource, keyId, annotations }) {
      const parts = [bytesField(1, encryptedSource), bytesField(2, randomUUID()), bytesField(3, keyId)];
      const asked = Buffer.concat([...parts, mapField(4, annotations)]);
      return bytesOf(readFields(await call("Decrypt", asked)), 1);
    },
    close: () => client.close(),
  };
}

/** `unix:///run/kms.sock`; with an @ before it, a name of Linux's abstract namespace. */
function targetOf(endpoint: string): string {
  const path = endpoint.replace(/^unix:(?:\/\/)?/, "");
  return path.startsWith("/@") ? `unix-abstract:${path.slice(2)}` : `unix:${path}`;
}

/** `rpc error: code = DeadlineExceeded desc = …`, as people know it from other components. */
function inGoWords(error: ServiceError | null): Error {
  const name = status[error?.code ?? status.UNKNOWN];
  const code = name.replaceAll(/_?([A-Z])([A-Z]*)/g, (_, first: string, rest: string) => first + rest.toLowerCase());
  return new Error(`rpc error: code = ${code} desc = ${error?.details ?? "no answer"}`, { cause: error });
}
