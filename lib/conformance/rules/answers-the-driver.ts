/**
 * Rule of the protocols that stock servers speak: the driver's own adapter finds the server ready and gets an answer from it. There is no second
 * reading of these protocols here that could differ from the driver's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrozenItem } from '../../core/job.ts';
import { abort, newSwitch } from '../../driver/http-client.ts';
import { type AdapterOptions, adapterOf } from '../../driver/protocols/choose-protocol.ts';
import type { GenerationEnd, ModelProtocol } from '../../driver/protocols/model-protocol.ts';
import { probe, wordsOf } from '../../driver/wait-ready.ts';
import { type CheckContext, failed, type Finding, passed, type Rule, type SampleInput, skipped } from '../rule.ts';

const POLL_MS = 200;
const PROBE_MS = 5_000;
const GENERATION_ID = 'check.0.1.1';

export const answersTheDriver: Rule = {
  id: 'answers-the-driver',
  title: 'the server becomes ready and answers a sample, as its protocol has it',
  protocols: ['cog', 'oip-v2', 'sagemaker', 'openai-videos'],
  run: async (context) => {
    if (context.protocol === 'evaluator') return skipped('evaluators have rules of their own');
    const adapter = adapterOf(context.protocol, optionsOf(context));
    try {
      const unready = await untilReady(adapter, context);
      if (unready !== null) return failed(unready, 'Start the server, or look at its log: it never said that it was ready.');
      const model = { id: context.modelName, version: '-', digest: '-', title: '-', reference: false, protocol: context.protocol };
      const refused = await adapter.describe({ model, task: context.input?.task ?? '-' }, null);
      if (refused !== null) return failed(refused.message, 'Make the server say what it takes, in the shape that its protocol has.');
      if (context.input === null) return skipped('ready; no registered suite has its task, so nothing was asked of it');
      return await askOnce(adapter, context, context.input);
    } finally {
      await adapter.close();
    }
  },
};

function optionsOf({ url, modelName, input, generationMs }: CheckContext): AdapterOptions {
  const paths = new Map((input?.files ?? []).map(({ sha256, path }) => [sha256, path]));
  return {
    serverUrl: url,
    connections: 1,
    task: input?.task ?? '-',
    model: modelName,
    params: {},
    sampleMs: generationMs,
    machineMemoryMiB: Number.MAX_SAFE_INTEGER,
    inputPath: (sha256) => paths.get(sha256) ?? sha256,
    stream: false,
  };
}

/** Null once it is ready. */
async function untilReady(adapter: ModelProtocol, { readyMs }: CheckContext): Promise<string | null> {
  const began = performance.now();
  for (;;) {
    const health = await probe(adapter, PROBE_MS);
    if (health.kind === 'up' && (health.status === 'ready' || health.status === 'busy')) return null;
    const isOver = health.kind === 'up' && health.status === 'failed';
    if (isOver || performance.now() - began > readyMs)
      return health.kind === 'up' ? (health.failure?.message ?? wordsOf(health)) : wordsOf(health);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function askOnce(adapter: ModelProtocol, context: CheckContext, input: SampleInput): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'bakeoff-check-'));
  const control = newSwitch();
  const timer = setTimeout(() => abort(control, 'timeout'), context.generationMs);
  try {
    const prepared = await adapter.prepare({ sampleId: 'check.0', item: itemOf(input), repeat: 0, seed: 1 });
    return findingOf(await adapter.generate(GENERATION_ID, prepared, folder, control));
  } finally {
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  }
}

function itemOf({ prompt, messages, row, files }: SampleInput): FrozenItem {
  const named = files?.map(({ sha256, contentType }) => ({ sha256, contentType, name: sha256 }));
  const input = {
    ...(prompt === undefined ? {} : { prompt }),
    ...(messages === undefined ? {} : { messages: [...messages] }),
    ...(row === undefined ? {} : { row: { ...row } }),
    ...(named === undefined ? {} : { files: named }),
  };
  return { id: 'check', input, attributes: {} };
}

function findingOf(end: GenerationEnd): Finding {
  if (end.kind === 'aborted') return failed('no answer in time', 'Answer within the time that the check allows.');
  if (end.kind === 'lost') return failed(end.message, 'Look at the log of the server: it closed the connection.');
  if (end.kind === 'failed')
    return failed(end.failure.message.slice(0, 300), 'Answer the sample that was sent; docs/driver.md says how it is put.');
  const { text, value, files } = end.answer;
  const parts = [
    ...(text === null ? [] : [`a text of ${text.length} characters`]),
    ...(value === null ? [] : [`the value ${String(value).slice(0, 40)}`]),
    ...(files.length === 0 ? [] : [`${files.length} file(s)`]),
  ];
  return passed(parts.join(', '));
}
