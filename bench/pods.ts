import type { Template } from "./http2-client.ts";

export const podsPath = "/api/v1/namespaces/default/pods";
export const createPod: Template = {
  method: "POST",
  path: podsPath,
  headers: { "content-type": "application/json", accept: "application/json" },
};

/** A pod as deployments make them; about 3 KB as it is stored, with its defaults. */
export const podBody: Buffer = Buffer.from(
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "web-7d4b9c6f58-",
      labels: { app: "web", tier: "frontend", "pod-template-hash": "7d4b9c6f58", "app.kubernetes.io/part-of": "shop" },
      annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" },
    },
    spec: {
      // Nobody's: it is stored, and waits.
      schedulerName: "none",
      serviceAccountName: "web",
      nodeSelector: { "kubernetes.io/os": "linux" },
      containers: ["app", "sidecar"].map((name, index) => ({
        name,
        image: `registry.example.com/shop/${name}:1.27.3`,
        args: ["--listen", `:${8080 + index}`, "--log-format", "json"],
        ports: [{ name: `http-${index}`, containerPort: 8080 + index }],
        env: Array.from({ length: 6 }, (_, key) => ({ name: `SETTING_${key}`, value: "y".repeat(40) })),
        resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
        livenessProbe: { httpGet: { path: "/healthz", port: 8080 + index }, periodSeconds: 10 },
        volumeMounts: [{ name: "config", mountPath: "/etc/app", readOnly: true }],
      })),
      volumes: [{ name: "config", configMap: { name: "web" } }],
      tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }],
    },
  }),
);
