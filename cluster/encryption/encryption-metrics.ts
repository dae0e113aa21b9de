import { Counter, type Registry } from "prom-client";
import { nameOf, type GroupResource } from "../../storage/encryption/configuration.ts";
import type { Direction } from "../../storage/encryption/encrypted-store.ts";

/** With upstream's names. */
export interface EncryptionMetrics {
  transformed(resource: GroupResource, direction: Direction, stored: Buffer | undefined): void;
  reloaded(status: "success" | "failure"): void;
}

export function createEncryptionMetrics(registry: Registry): EncryptionMetrics {
  const registers = [registry];
  const transformations = new Counter({
    name: "apiserver_storage_transformation_operations_total",
    help: "Values that were encrypted and decrypted, by resource and by the provider's prefix.",
    labelNames: ["resource", "transformation_type", "transformer_prefix", "status"],
    registers,
  });
  const reloads = new Counter({
    name: "apiserver_encryption_config_controller_automatic_reloads_total",
    help: "How often a changed encryption configuration was taken in, or could not be.",
    labelNames: ["status"],
    registers,
  });
  return {
    transformed(resource, direction, stored) {
      transformations.inc({
        resource: nameOf(resource),
        transformation_type: direction,
        transformer_prefix: stored === undefined ? "unknown" : prefixOf(stored, direction),
        status: stored === undefined ? "unknown-non-grpc" : "OK",
      });
    },
    reloaded: (status) => reloads.inc({ status }),
  };
}

/** Of a key management service with its name, which the configuration gives. */
const framed = /^k8s:enc:(?:kms:v2:[^:]+|[a-z]+:v1):/;
const longestPrefix = 300;

function prefixOf(stored: Buffer, direction: Direction): string {
  const [prefix] = framed.exec(stored.toString("latin1", 0, longestPrefix)) ?? [];
  return prefix ?? (direction === "from_storage" ? "identity" : "");
}
