/** `cdk deploy` needs a bootstrapped account and Region: a bucket, a registry and roles that `cdk bootstrap` makes once. */
import type { CloudCheck } from './finding.ts';

/** The least version that the default synthesizer of aws-cdk-lib 2.276 accepts (MIN_BOOTSTRAP_STACK_VERSION). */
const LEAST_VERSION = 6;
const REMEDY = 'Run `npx cdk bootstrap` once in this account and Region.';

export const cdkBootstrap: CloudCheck = {
  id: 'cdk-bootstrap',
  check: async (cloud) => {
    const version = await cloud.bootstrapVersion();
    // A deployment that is there shows that the account was able to; a new one still needs it.
    const status = cloud.stackName === null ? 'missing' : 'warn';
    if (version === null) return { id: 'cdk-bootstrap', status, found: 'not bootstrapped: nothing can be deployed', remedy: REMEDY };
    if (version >= LEAST_VERSION) return { id: 'cdk-bootstrap', status: 'ok', found: `version ${version}`, remedy: null };
    return { id: 'cdk-bootstrap', status, found: `version ${version}; at least ${LEAST_VERSION} is needed`, remedy: REMEDY };
  },
};
