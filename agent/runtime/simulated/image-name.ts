import { createHash } from "node:crypto";
import type { RuntimeImage } from "../runtime.ts";

/** A reference in full, as registries know it: `nginx` is `docker.io/library/nginx:latest`. */
export function imageName(image: string): string {
  const [name = "", digest] = image.split("@");
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasDomain = /[.:]/.test(first) || first === "localhost";
  const full = hasDomain ? name : slash < 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
  if (digest !== undefined) return `${withoutTag(full)}@${digest}`;
  return full.lastIndexOf(":") > full.lastIndexOf("/") ? full : `${full}:latest`;
}

function withoutTag(name: string): string {
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

const mebibyte = 1024 * 1024;
/** More kinds of images than a cluster has; past it nothing is remembered. */
const most = 10_000;

/** What images are called and how large they are: made up, but always the same, and shared by all nodes of a process. */
export function createImageCatalogue(): (image: string) => RuntimeImage {
  const known = new Map<string, RuntimeImage>();
  return (image) => {
    const found = known.get(image);
    if (found !== undefined) return found;
    const name = imageName(image);
    const hash = createHash("sha256").update(name).digest();
    const ref = name.includes("@") ? name : `${withoutTag(name)}@sha256:${hash.toString("hex")}`;
    const made = { name, ref, sizeBytes: 2 * mebibyte + (hash.readUInt32BE(0) % (150 * mebibyte)) };
    if (known.size < most) known.set(image, made);
    return made;
  };
}
