#!/usr/bin/env node
import { createCluster } from "../cluster/create-cluster.ts";
const c = await createCluster({dataDir:process.argv[2]!});
console.log(c.url, performance.now());
if (process.argv[3]) await c[Symbol.asyncDispose]();
