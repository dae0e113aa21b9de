/** What most pods of tests and classes are like: one container, about 1.5 KB as it is stored. A node of 16 cores takes 160. */
export const lightPod = {
  metadata: { labels: { app: "web", tier: "frontend" } },
  spec: {
    containers: [
      {
        name: "web",
        image: "nginx:1.27",
        ports: [{ containerPort: 80 }],
        resources: { requests: { cpu: "100m", memory: "128Mi" } },
      },
    ],
  },
} as const;
