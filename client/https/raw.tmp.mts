import { createSecureServer, connect } from "node:http2";
import { createPki } from "../../certs/ensure-pki.ts";
const flag = new Set(process.argv.slice(2));
const { serving } = await createPki({ serviceAddress: "10.96.0.1" });
const server = createSecureServer({ cert: serving.certPem, key: serving.keyPem, maxSessionMemory: 1000, settings: { initialWindowSize: 262144 } });
if (flag.has("server")) server.on("session", (s) => s.setLocalWindowSize(25 * 262144));
server.on("stream", (stream) => {
  stream.on("error", () => {});
  stream.respond({ ":status": 200 });
  const large = Buffer.alloc(100_000, "x"); let n = 0;
  const pump = () => { while (n < 200) { n++; if (!stream.write(large)) { stream.once("drain", pump); return; } } stream.end(); };
  pump();
});
await new Promise<void>((r) => server.listen(0, "127.0.0.1", () => r()));
const port = (server.address() as { port: number }).port;
for (let round = 0; round < 60; round++) {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ALPNProtocols: ["h2"], maxSessionMemory: 1000, settings: { initialWindowSize: 262144 , enablePush: false} });
  session.on("error", (e) => console.log("session", e.message));
  const set = () => { if (!session.destroyed) session.setLocalWindowSize(25 * 262144); };
  session.once("connect", () => { if (flag.has("client")) set(); if (flag.has("later")) setImmediate(set); });
  if (flag.has("settings")) session.once("remoteSettings", set);
  const stream = session.request({ ":path": "/" }, { endStream: true });
  await new Promise((r) => stream.once("response", r));
  let size = 0;
  for await (const c of stream) size += c.length;
  session.destroy();
}
console.log("fine");
process.exit();
