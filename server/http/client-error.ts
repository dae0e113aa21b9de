import type { Duplex } from "node:stream";

/** The HTTP/1.1 server's words for what its parser refuses. */
function statusLine(code: string | undefined): string {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return "431 Request Header Fields Too Large";
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return "408 Request Timeout";
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return "413 Payload Too Large";
    default:
      return "400 Bad Request";
  }
}

/**
 * Says what was wrong and takes leave. Node's own way destroys the socket at once, with what the client is still sending
 * unread: that resets the connection, and the client never sees why.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, lingerMs: number): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${statusLine(error.code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.resume();
}
