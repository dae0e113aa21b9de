import { describe, expect, it } from "vitest";
import type { Pod } from "../../../api/generated/types/core-v1.ts";
import { parseRules, RulesError } from "./parse-rules.ts";
import { behaviourOf, compileRules } from "./rules.ts";
import { PodAddresses } from "./pod-addresses.ts";
import { imageName } from "./image-name.ts";

const pod: Pod = {
  metadata: { name: "web-1", namespace: "shop", labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "nginx:1.27" }] },
};

function of(rules: unknown[], annotations: Record<string, string> = {}): ReturnType<typeof behaviourOf> {
  const subject = {
    nodeName: "node-0",
    pod: { ...pod, metadata: { ...pod.metadata, annotations } },
    container: pod.spec?.containers[0] ?? { name: "" },
  };
  return behaviourOf(subject, compileRules(parseRules({ rules })));
}

describe("rules", () => {
  it("change a part at a time; the first that matches decides", () => {
    const behaviour = of([
      { match: { image: "docker.io/library/nginx:*" }, pull: { delay: "1s-3s" } },
      { match: { namespace: "shop", labels: { app: "web" } }, pull: { error: "no" }, exit: { after: "5s", code: 2 } },
      { match: { node: "other" }, exit: { code: 9 } },
    ]);
    expect(behaviour.pull).toEqual({ delay: { ms: 1000, jitterMs: 2000 } });
    expect(behaviour.exit).toEqual({ after: { ms: 5000, jitterMs: 0 }, code: 2 });
    expect(of([{ exit: "never" }, { exit: { code: 1 } }]).exit).toBeUndefined();
  });

  it("give way to annotations, of the container before the pod's", () => {
    const said = {
      "simulated.wherry.dev/exit-code": "1",
      "simulated.wherry.dev/exit-code.web": "7",
      "simulated.wherry.dev/cpu": "2",
    };
    const behaviour = of([{ exit: { after: "1m" } }], said);
    expect(behaviour).toMatchObject({
      exit: { after: { ms: 60_000 }, code: 7 },
      usage: { cpuNanoCores: 2_000_000_000 },
    });
  });

  it("say everything that is wrong with them", () => {
    const wrong = {
      rules: [
        { puls: {}, pull: { delay: "soon", error: 3 } },
        { exit: { code: 300 }, unhealthy: { probes: ["x"] } },
        7,
      ],
    };
    expect(() => parseRules(wrong)).toThrow(RulesError);
    expect(() => parseRules(wrong)).toThrow(
      [
        "rules[0].puls: unknown field; known are match, pull, start, ready, exit, unhealthy, stop, usage, log",
        "rules[0].pull.error: must be a text",
        "rules[0].pull.delay: must be a duration such as 500ms, 5s or 1s-3s",
        "rules[1].exit.code: must be a whole number from 0 to 255",
        "rules[1].unhealthy.probes: may have liveness, readiness, startup",
        "rules[2]: must be an object",
      ].join("\n"),
    );
    expect(() => parseRules([])).toThrow("the file: must be an object");
  });
});

it.each([
  ["nginx", "docker.io/library/nginx:latest"],
  ["team/app:1", "docker.io/team/app:1"],
  ["localhost:5000/app", "localhost:5000/app:latest"],
  ["quay.io/app:1@sha256:abc", "quay.io/app@sha256:abc"],
])("%s is %s in full", (image, name) => {
  expect(imageName(image)).toBe(name);
});

describe("pod addresses", () => {
  it("go to one pod at a time, of each family one", () => {
    const addresses = new PodAddresses();
    addresses.setRanges(["10.0.0.0/30", "fd00::/64"]);
    expect(addresses.take()).toEqual(["10.0.0.2", "fd00::2"]);
    expect(() => addresses.take()).toThrow("no IP addresses available");
    addresses.give(["10.0.0.2"]);
    expect(addresses.take()).toEqual(["10.0.0.2", "fd00::3"]);
  });

  it("of pods that are there already are kept", () => {
    const addresses = new PodAddresses();
    addresses.setRanges(["10.0.0.0/29"]);
    addresses.keep(["10.0.0.2", "10.0.0.3"]);
    expect(addresses.take()).toEqual(["10.0.0.4"]);
  });
});
