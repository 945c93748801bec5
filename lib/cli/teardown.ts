/** `bakeoff teardown`: takes a deployment down after saying what it does and what stays. Without --yes it only says. */
import { BakeoffError } from '../core/errors.ts';
import { requireStackName, textOption } from './deployment-choice.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { isServiceGone, teardownSteps, whatStays } from './teardown-plan.ts';
import { wrapText } from './wrap-text.ts';

type Options = CommonOptions & Record<string, unknown>;

const BAD_USAGE: ExitCode = 2;

export async function teardownVerb(_args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const name = requireStackName(options, io);
  const [{ awsClientOptions }, { teardownOf }] = await Promise.all([import('../compose/deployment.ts'), import('../compose/teardown.ts')]);
  const access = { region: textOption(options, 'region'), profile: textOption(options, 'profile'), token: io.settings.token };
  const clientOptions = await awsClientOptions(access);
  const teardown = teardownOf(clientOptions);
  const facts = await teardown.look(name);
  const withData = options.data === true;
  const steps = teardownSteps(facts, withData);
  const stays = whatStays(facts, withData, clientOptions.region);
  if (isServiceGone(facts) && steps.length === 0) return tellNothing(facts.serviceName, stays, options, io);
  if (!options.json) {
    io.stderr.write(listOf(`teardown of ${facts.serviceName} in ${clientOptions.region}:`, steps, io));
    io.stderr.write(listOf('what stays:', stays, io));
  }
  if (options.yes !== true)
    return tellUnconfirmed(notConfirmed(facts.serviceName, withData), { stack: facts.serviceName, steps, stays }, options, io);
  await teardown.run(facts, withData, {
    tell: (line) => void io.stderr.write(`${line}\n`),
    cancelRuns: () => (facts.service === null ? Promise.resolve(0) : cancelRuns(facts.serviceName, options, io)),
  });
  if (options.json) writeJson(io, { stack: facts.serviceName, done: steps, stays });
  else io.stdout.write(`${facts.serviceName} is gone\n`);
  return 0;
}

/** The data may still be there, and cost: it is told here, too. */
function tellNothing(stack: string, stays: readonly string[], options: Options, io: VerbIo): ExitCode {
  if (options.json) writeJson(io, { stack, done: [], stays });
  else {
    io.stdout.write(`nothing is left of ${stack}\n`);
    io.stderr.write(listOf('what stays:', stays, io));
  }
  return 0;
}

function listOf(head: string, entries: readonly string[], { columns }: VerbIo): string {
  return `${[head, ...entries.map((entry) => wrapText(entry, columns, '  - ', '    '))].join('\n')}\n`;
}

const NEWEST = 500;
/** The workflow ends them, or nobody can: whatever is wrong with the API, the executions are ended after it. */
const PASSING: ReadonlySet<string> = new Set(['run-settled', 'run-missing']);

/** Through the API, so that what was answered is still scored and reported. An API that is not able to is no reason to stop. */
async function cancelRuns(stackName: string, options: Options, io: VerbIo): Promise<number> {
  const { openDeployment } = await import('../compose/deployment.ts');
  const { deploymentApi } = await import('./deployment-api.ts');
  try {
    const access = { region: textOption(options, 'region'), profile: textOption(options, 'profile'), token: io.settings.token };
    const api = deploymentApi((await openDeployment(stackName, access)).api);
    const live = (await api.listRuns(NEWEST)).filter(({ state }) => state === 'running' || state === 'accepted');
    for (const { runId } of live) {
      await api.cancel(runId).catch((thrown: unknown) => {
        if (!(thrown instanceof BakeoffError) || !PASSING.has(thrown.code)) throw thrown;
      });
    }
    return live.length;
  } catch (thrown) {
    if (!(thrown instanceof BakeoffError)) throw thrown;
    io.stderr.write(`runs could not be cancelled through the API (${thrown.message}); their executions are ended instead\n`);
    return 0;
  }
}

/** A script, too, learns what --yes would do. */
function tellUnconfirmed(error: BakeoffError, plan: Readonly<Record<string, unknown>>, { json }: Options, io: VerbIo): ExitCode {
  if (!json) throw error;
  writeJson(io, { error: { code: error.code, message: error.message, remedy: error.remedy }, ...plan });
  return BAD_USAGE;
}

function notConfirmed(stack: string, withData: boolean): BakeoffError {
  return new BakeoffError({
    code: 'teardown-not-confirmed',
    message: `nothing was done: the teardown of ${stack}${withData ? ' and of its data' : ''} is not confirmed`,
    remedy: 'Add --yes if that is what you want.',
  });
}
