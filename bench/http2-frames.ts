/** As much of HTTP/2's framing as a load client needs. https://www.rfc-editor.org/rfc/rfc9113#section-4 and #section-6 */
export const frameType = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
export const flag = { ack: 1, endStream: 1, endHeaders: 4 } as const;
export const headLength = 9;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(headLength + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(flags, 4);
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, headLength);
  return bytes;
}

/**
 * The preface. The server may keep no header table for us (so that a status can be read without one), may send as much as
 * it likes on any stream (2^31 - 1 bytes), and about as much on the connection.
 */
export function preface(): Buffer {
  const settings = Buffer.alloc(12);
  settings.writeUInt16BE(1, 0); // SETTINGS_HEADER_TABLE_SIZE = 0
  settings.writeUInt16BE(4, 6); // SETTINGS_INITIAL_WINDOW_SIZE
  settings.writeUInt32BE(maxWindow, 8);
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame(frameType.settings, 0, 0, settings),
    windowUpdate(maxWindow - 65_535),
  ]);
}

const maxWindow = 2 ** 31 - 1;

export function windowUpdate(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame(frameType.windowUpdate, 0, 0, payload);
}

/** A header block without indexing or Huffman: https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2 */
export function headerBlock(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.of(0), ...text(name), ...text(value)]));
}

function text(value: string): Buffer[] {
  const bytes = Buffer.from(value, "latin1");
  // A length of 127 and more goes on in bytes of seven bits (RFC 7541, section 5.1).
  if (bytes.length < 127) return [Buffer.of(bytes.length), bytes];
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return [Buffer.from([...length, rest]), bytes];
}

/** Whether a response's header block starts with a status of 200 to 299; `:status` always comes first. */
export function isSuccess(block: Buffer): boolean {
  let at = 0;
  // Dynamic table size updates may come before (section 6.3).
  while (((block[at] ?? 0) & 0xe0) === 0x20) at++;
  const first = block[at] ?? 0;
  // 200, 204 and 206 are in the static table.
  if (first >= 0x80) return first >= 0x88 && first <= 0x8a;
  const coded = block[at + 1] ?? 0;
  const digit = block[at + 2] ?? 0;
  // "2": 0x32, or 5 bits 00010 in Huffman's code.
  return coded >= 0x80 ? digit >>> 3 === 0b00010 : digit === 0x32;
}
