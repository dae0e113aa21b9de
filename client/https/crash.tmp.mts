import { fedWatch, loopback } from "../../server/http/loopback.testing.ts";
import { watchBatches } from "../watch-events.ts";
import { createHttpsTransport } from "./https-transport.ts";
const event = (name: string): string => `${JSON.stringify({ type: "ADDED", object: { metadata: { name } } })}\n`;
const flag = process.argv[2];
for (let round = 0; round < 30; round++) {
  const [slow, quick] = [fedWatch(), fedWatch()];
  const loop = await loopback(({ url }) => Promise.resolve({ status: 200, headers: {}, body: { type: "watch", watch: url.includes("slow") ? slow : quick } }));
  const https = createHttpsTransport({ server: `https://127.0.0.1:${loop.server.port}`, caPem: loop.pki.ca.certPem });
  const { signal } = new AbortController();
  const asked = (url: string) => ({ method: "GET", url, headers: {}, signal, peer: { address: "" } });
  const held = await https.transport(asked("/slow?watch=1"));
  const large = event("x".repeat(100_000));
  for (let count = 0; count < 200; count += 1) slow.push(large);
  if (flag !== "noquick") {
  const other = watchBatches(await https.transport(asked("/quick?watch=1")), signal);
  for (let count = 0; count < 20; count += 1) { quick.push(event("q")); await other.next(); }
  }
  slow.end();
  let count = 0;
  for await (const batch of watchBatches(held, signal)) count += batch.length;
  console.log(round, "read", count);
  if (flag !== "nodispose") await https[Symbol.asyncDispose]();
  console.log(round, "disposed");
  if (flag !== "noloop" || round % 5 === 4) await loop[Symbol.asyncDispose]();
  console.log(round, "closed");
}
process.exit();
