import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { highestScore, type Plugin } from "../framework/plugin.ts";
import { skip } from "../framework/status.ts";
import { names } from "./names.ts";

const mebibyte = 1024 * 1024;
/** Images of less are as good as none. */
const least = 23 * mebibyte;
/** For each container; beyond, more does not count. */
const most = 1000 * mebibyte;

/**
 * Prefers nodes that have the pod's images already. An image counts less while few nodes have it, or one node would get
 * all pods.
 */
export const imageLocality: Plugin = {
  name: names.imageLocality,
  preScore({ pod: { pod }, snapshot }) {
    const images = imagesOf(pod);
    const enough = most * images.length;
    const nodeCount = snapshot.nodes.length;
    const shares = images
      .map((image) => ({ image, share: snapshot.imageNodes(image) / nodeCount }))
      .filter(({ share }) => share > 0);
    if (shares.length === 0) return skip;
    return {
      score({ images: present }) {
        let sum = 0;
        for (const { image, share } of shares) sum += Math.trunc((present.get(image) ?? 0) * share);
        const counted = Math.min(Math.max(sum, least), enough);
        return Math.trunc((highestScore * (counted - least)) / (enough - least));
      },
    };
  },
};

function imagesOf({ spec }: DeepReadonly<Pod>): string[] {
  const images = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ image = "" }) => image);
  for (const { image } of spec?.volumes ?? []) if (image?.reference !== undefined) images.push(image.reference);
  return images.map(withTag);
}

/** As nodes report it. */
function withTag(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
}
