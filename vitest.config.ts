import { defineConfig, type ViteUserConfig } from "vitest/config";

/** `unit` shares its workers (module-level mutable state is banned); `system` starts processes and cuts files, so it is isolated. */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["**/*.system.test.ts", "conformance/**", "**/node_modules/**", "dist/**"],
          pool: "threads",
          isolate: false,
          sequence: { shuffle: true },
          // Of a machine that has much else to do; nothing here waits for time to pass.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["**/*.system.test.ts"],
          exclude: ["**/node_modules/**", "dist/**"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "conformance",
          include: ["conformance/**/*.test.ts"],
          exclude: ["**/node_modules/**", "dist/**"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

export default config;
