import { join } from "node:path";
import { applyDeployment, createDeployment, deploymentBody, updateDeployment } from "./deployments.ts";
import type { Template } from "./http2-client.ts";
import { count, type Measurement, ms } from "./measurement.ts";
import { ServerProcess } from "./server-process.ts";
import { measureWrites, middle, type WriteFigures, type Writes } from "./writes.ts";

const rounds = 3;
const volume = { clients: 64, requests: 2000 };

/** Each step works on the same Deployments as the one before it; `plain` and `apply` do the same to objects of their own. */
const steps = [
  { what: "new object", replicas: 1, plain: () => createDeployment },
  { what: "one field changed", replicas: 2, plain: updateDeployment },
  { what: "nothing changed", replicas: 2, plain: updateDeployment },
] as const;

/** Server-side apply beside create and update, of Deployments of 3 KB. */
export const apply: Measurement = {
  name: "apply",
  title: "Server-side apply",
  async measure(scratch) {
    const plain = steps.map((): WriteFigures[] => []);
    const applied = steps.map((): WriteFigures[] => []);
    await using server = await ServerProcess.start({ folder: join(scratch, "server") });
    // The first round warms up.
    for (let round = 0; round <= rounds; round++)
      for (const [at, { replicas, plain: template }] of steps.entries()) {
        const figures = [
          await measureWrites(server, writes(`plain-${round}`, replicas, template), volume),
          await measureWrites(server, writes(`applied-${round}`, replicas, applyDeployment), volume),
        ] as const;
        if (round === 0) continue;
        plain[at]?.push(figures[0]);
        applied[at]?.push(figures[1]);
      }
    return {
      columns: ["what", "create/update /s", "p50 ms", "CPU us", "apply /s", "p50 ms", "CPU us", "CPU ratio"],
      rows: steps.map(({ what }, at) => row(what, middle(plain[at] ?? []), middle(applied[at] ?? []))),
    };
  },
};

function writes(prefix: string, replicas: number, template: (name: string) => Template): Writes {
  const name = (request: number): string => `${prefix}-${request}`;
  return {
    template: (request) => template(name(request)),
    body: (request) => deploymentBody(name(request), replicas),
  };
}

function row(what: string, plain: WriteFigures, applied: WriteFigures): readonly string[] {
  const cells = ({ perSecond, p50Ms, cpuUs }: WriteFigures): string[] => [count(perSecond), ms(p50Ms), count(cpuUs)];
  return [what, ...cells(plain), ...cells(applied), (applied.cpuUs / plain.cpuUs).toFixed(2)];
}
