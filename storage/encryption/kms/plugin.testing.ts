import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type handleUnaryCall, type MethodDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { bytesField, bytesOf, mapField, mapOf, readFields, textOf } from "./wire.ts";
import { toyService, type ToyService } from "./toy-service.testing.ts";

/** A key management plugin behind a socket, as users have one. */
export interface Plugin extends AsyncDisposable {
  /** `unix:///…` */
  readonly endpoint: string;
  readonly service: ToyService;
  /** Answers nothing any more. */
  hang: boolean;
}

export async function startPlugin(): Promise<Plugin> {
  const folder = await mkdtemp(join(tmpdir(), "wherry-kms-"));
  const socket = join(folder, "kms.sock");
  const service = toyService();
  const plugin = { hang: false };
  const server = new Server();
  const method = (name: string): MethodDefinition<Buffer, Buffer> => ({
    path: `/v2.KeyManagementService/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  });
  const handle = (name: string): handleUnaryCall<Buffer, Buffer> => {
    return ({ request }, answer) => {
      if (plugin.hang) return;
      answerOf(name, request, service).then(
        (message) => answer(null, message),
        (thrown: unknown) => answer(thrown instanceof Error ? thrown : new Error(String(thrown))),
      );
    };
  };
  const names = ["Status", "Encrypt", "Decrypt"];
  server.addService(
    Object.fromEntries(names.map((name) => [name, method(name)])),
    Object.fromEntries(names.map((name) => [name, handle(name)])),
  );
  await promisify(server.bindAsync.bind(server))(`unix:${socket}`, ServerCredentials.createInsecure());
  return Object.assign(plugin, {
    endpoint: `unix://${socket}`,
    service,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      await rm(folder, { recursive: true });
    },
  });
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

async function answerOf(method: string, message: Buffer, service: ToyService): Promise<Buffer> {
  const fields = readFields(message);
  switch (method) {
    case "Status": {
      const { version, healthz, keyId } = await service.status();
      return Buffer.concat([bytesField(1, version), bytesField(2, healthz), bytesField(3, keyId)]);
    }
    case "Encrypt": {
      const { encryptedSource, keyId, annotations } = await service.encrypt(bytesOf(fields, 1));
      return Buffer.concat([bytesField(1, encryptedSource), bytesField(2, keyId), mapField(3, annotations)]);
    }
    case "Decrypt": {
      const annotations = mapOf(fields, 4);
      const source = { encryptedSource: bytesOf(fields, 1), keyId: textOf(fields, 3), annotations };
      if (textOf(fields, 2) === "") throw new Error("the call has no uid");
      return bytesField(1, await service.decrypt(source));
    }
    default:
      throw new Error(`${method} is no method`);
  }
}
