/** What `/version` tells. https://kubernetes.io/docs/reference/using-api/deprecation-policy/ names no more of its fields. */
export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly emulationMajor: string;
  readonly emulationMinor: string;
  readonly minCompatibilityMajor: string;
  readonly minCompatibilityMinor: string;
  /** Clients compare it with their own version. */
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  /** Here: the runtime, where upstream tells its Go version. */
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

export interface Host {
  /** As process.version: `v20.19.0`. */
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** The Kubernetes version that this server is compatible with, on this machine. */
export function versionInfo(host: Host): VersionInfo {
  const system = host.platform === "win32" ? "windows" : host.platform;
  return {
    major: "1",
    minor: "36",
    emulationMajor: "1",
    emulationMinor: "36",
    minCompatibilityMajor: "1",
    minCompatibilityMinor: "35",
    gitVersion: "v1.36.2",
    gitCommit: "",
    gitTreeState: "",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: `node-${host.version}`,
    compiler: "v8",
    platform: `${system}/${architectures[host.arch] ?? host.arch}`,
  };
}
