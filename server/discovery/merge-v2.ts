import { gzip } from "node:zlib";
import { promisify } from "node:util";
import type { V2Part } from "./custom-documents.ts";

const compress = promisify(gzip);

/** The built-in v2 document, as JSON, with what custom resources add. It is long, so it is not parsed for this. */
export async function mergeJson(builtin: Uint8Array, parts: AsyncIterable<V2Part>): Promise<Buffer> {
  const text = Buffer.from(builtin.buffer, builtin.byteOffset, builtin.byteLength);
  const added = { paths: [] as string[], definitions: [] as string[], parameters: new Map<string, string>() };
  for await (const part of parts) {
    added.paths.push(part.paths);
    added.definitions.push(part.definitions);
    for (const [name, members] of part.parameters) added.parameters.set(name, members);
  }
  // Parts name the same few hundreds of times: each is looked for once.
  const ownParameters = [...added.parameters].filter(([name]) => !text.includes(`${JSON.stringify(name)}:{`));
  return Buffer.concat(
    spliced(text, [
      // At the top of the document each of these comes before any other of its name, or behind all of them.
      [text.indexOf('"paths":{'), '"paths":{', added.paths],
      [text.indexOf('"definitions":{'), '"definitions":{', added.definitions],
      [text.lastIndexOf('"parameters":{'), '"parameters":{', ownParameters.map(([, members]) => members)],
    ]),
  );
}

type Insertion = readonly [at: number, opening: string, members: readonly string[]];

function spliced(text: Buffer, insertions: readonly Insertion[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const [at, opening, members] of insertions) {
    if (at < from) throw new Error(`the OpenAPI document has no ${opening} where it should be`);
    const behind = at + opening.length;
    pieces.push(text.subarray(from, behind));
    const isEmpty = text.toString("latin1", behind, behind + 1) === "}";
    const filled = members.filter((one) => one !== "");
    if (filled.length > 0) pieces.push(Buffer.from(`${filled.join(",")}${isEmpty ? "" : ","}`));
    from = behind;
  }
  return [...pieces, text.subarray(from)];
}

/** The built-in document's bytes with the others behind them: in protobuf that is their union. */
export async function mergeProtobuf(builtin: Uint8Array, parts: AsyncIterable<V2Part>): Promise<Buffer> {
  const pieces: Uint8Array[] = [builtin];
  for await (const { protobuf } of parts) pieces.push(protobuf);
  return Buffer.concat(pieces);
}

/** Off the main thread. */
export function compressed(bytes: Uint8Array): Promise<Buffer> {
  return compress(bytes);
}
