import { isIP } from "node:net";
import type { ApiRequest } from "../../api/wire.ts";

const longestUserAgent = 1024;

/** From the client, by the proxies that say so, to the one that is connected. Of these only the last is certain. */
export function sourceAddresses({ headers, peer }: Pick<ApiRequest, "headers" | "peer">): readonly string[] {
  const told = (headers["x-forwarded-for"] ?? "").split(",").map((part) => part.trim());
  const forwarded = told.filter((address) => isIP(address) !== 0);
  const real = (headers["x-real-ip"] ?? "").trim();
  const before = isIP(real) !== 0 && !forwarded.includes(real) ? [...forwarded, real] : forwarded;
  const connected = peer.address.replace(/^::ffff:(?=\d+\.)/i, "");
  return isIP(connected) === 0 || before.at(-1) === connected ? before : [...before, connected];
}

export function userAgentOf({ headers }: Pick<ApiRequest, "headers">): string {
  const agent = headers["user-agent"] ?? "";
  return agent.length > longestUserAgent ? `${agent.slice(0, longestUserAgent)}...TRUNCATED` : agent;
}
