#!/usr/bin/env node
/**
 * What `bakeoff` starts: plain JavaScript, so that it runs on any Node from 20 and can keep compiled code before the first
 * TypeScript file is read. On a Node that cannot run TypeScript it starts the pinned one instead. The CLI is bin/bakeoff.ts.
 */
import { spawn } from 'node:child_process';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const PINNED_MAJOR = 24;
const pinnedNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= PINNED_MAJOR) {
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/bakeoff', import.meta.url)));
  await import('./bakeoff.ts');
} else startPinnedNode();

/** Hands everything over and ends as the child ends; the child alone decides what Ctrl-C and SIGTERM mean. */
function startPinnedNode() {
  const child = spawn(pinnedNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.on('SIGINT', () => {}); // the terminal sends it to both
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`error[node-missing]: Node ${PINNED_MAJOR} cannot be started: ${error.message}\n  fix: Run "npm ci" in the folder of Bakeoff.\n`);
    process.exitCode = 4;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGKILL' ? 137 : 130);
  });
}
