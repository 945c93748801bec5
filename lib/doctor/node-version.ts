/** Node 24 comes with `npm ci`; another one runs us only when somebody started it by hand. */
import type { Check } from './finding.ts';

const TESTED_MAJOR = 24;

export const checkNodeVersion: Check = async ({ nodeVersion }) => {
  const isTested = Number(nodeVersion.split('.')[0]) === TESTED_MAJOR;
  const remedy = `Start through \`npx bakeoff\` or an npm script, which use the Node ${TESTED_MAJOR} that \`npm ci\` installs.`;
  return {
    id: 'node',
    status: isTested ? 'ok' : 'warn',
    found: `Node ${nodeVersion}${isTested ? '' : ', not tested'}`,
    remedy: isTested ? null : remedy,
  };
};
