/** One that any cluster can run: it does nothing and ends when it is told to. */
export const image = "registry.k8s.io/pause:3.10";
/** What it is rolled to. */
export const newerImage = "registry.k8s.io/pause:3.10.1";
/** One that no cluster can have. https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
export const brokenImage = "registry.invalid/pause:3.10";

interface Named {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface PodOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of its only container. */
  readonly container?: object;
  /** Of the pod, beside its container. */
  readonly spec?: object;
}

/** A template of pods, or what a pod has beside its name. */
export function podTemplate({ labels, annotations, container, spec }: PodOptions): {
  readonly metadata: Omit<Named, "name">;
  readonly spec: object;
} {
  return {
    metadata: { ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: { terminationGracePeriodSeconds: 1, ...spec, containers: [{ name: "app", image, ...container }] },
  };
}

export function pod(name: string, options: PodOptions = {}): object {
  const { metadata, spec } = podTemplate(options);
  return { apiVersion: "v1", kind: "Pod", metadata: { name, ...metadata }, spec };
}

/** A Deployment, StatefulSet, DaemonSet or ReplicaSet whose pods have the label `app`. */
export function workload(kind: string, name: string, spec: object, template: PodOptions = {}): object {
  const labels = { app: name, ...template.labels };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template: podTemplate({ ...template, labels }), ...spec },
  };
}

/**
 * A Job's template whose container ends with this code: by its command where containers run, and by annotation where
 * they are simulated.
 */
export function ending(code: number, spec: object = {}): ReturnType<typeof podTemplate> {
  return podTemplate({
    annotations: { "simulated.wherry.dev/exit-after": "0s", "simulated.wherry.dev/exit-code": String(code) },
    container: { image: "busybox:1.37", command: ["sh", "-c", `exit ${code}`] },
    spec: { restartPolicy: "Never", ...spec },
  });
}

export function job(name: string, spec: object): object {
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec };
}
