import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  const server = createServer();
  server.on("stream", (stream, headers) => {
    if (plugin.hang) return;
    void respond(stream, String(headers[":path"]), service);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return Object.assign(plugin, {
    endpoint: `unix://${socket}`,
    service,
    async [Symbol.asyncDispose]() {
      server.close();
      await rm(folder, { recursive: true });
    },
  });
}

async function respond(stream: ServerHttp2Stream, path: string, service: ToyService): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  const answer = await answerOf(path, Buffer.concat(pieces).subarray(5), service).catch((thrown: unknown) => thrown);
  const failure = Buffer.isBuffer(answer) ? undefined : answer instanceof Error ? answer.message : String(answer);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () =>
    stream.sendTrailers(
      failure === undefined
        ? { "grpc-status": "0" }
        : { "grpc-status": "2", "grpc-message": encodeURIComponent(failure) },
    ),
  );
  if (!Buffer.isBuffer(answer)) {
    stream.end();
    return;
  }
  const head = Buffer.alloc(5);
  head.writeUInt32BE(answer.length, 1);
  stream.end(Buffer.concat([head, answer]));
}

async function answerOf(path: string, message: Buffer, service: ToyService): Promise<Buffer> {
  const fields = readFields(message);
  switch (path) {
    case "/v2.KeyManagementService/Status": {
      const { version, healthz, keyId } = await service.status();
      return Buffer.concat([bytesField(1, version), bytesField(2, healthz), bytesField(3, keyId)]);
    }
    case "/v2.KeyManagementService/Encrypt": {
      const { encryptedSource, keyId, annotations } = await service.encrypt(bytesOf(fields, 1));
      return Buffer.concat([bytesField(1, encryptedSource), bytesField(2, keyId), mapField(3, annotations)]);
    }
    case "/v2.KeyManagementService/Decrypt": {
      const annotations = mapOf(fields, 4);
      const source = { encryptedSource: bytesOf(fields, 1), keyId: textOf(fields, 3), annotations };
      if (textOf(fields, 2) === "") throw new Error("the call has no uid");
      return bytesField(1, await service.decrypt(source));
    }
    default:
      throw new Error(`${path} is no method`);
  }
}
