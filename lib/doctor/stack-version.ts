/** The deployed version and this program's understand each other. */
import { versionMatch } from '../core/version-match.ts';
import type { CloudCheck } from './finding.ts';

export const stackVersion: CloudCheck = {
  id: 'stack-version',
  check: async ({ stackName, softwareVersion, deployment }) => {
    const id = 'stack-version';
    if (stackName === null) return { id, status: 'skipped', found: 'not checked: no deployment is named (--stack)', remedy: null };
    const { version, stackName: name, status } = await deployment(stackName);
    const match = versionMatch(softwareVersion, version);
    if (match === 'same') return { id, status: 'ok', found: `${name} is ${status}, version ${version}`, remedy: null };
    const found = `${name} is of version ${version}, this program of ${softwareVersion}`;
    const remedy = `Deploy this version (\`npx cdk deploy --all\`), or use the program of version ${version}.`;
    return { id, status: match === 'differs' ? 'warn' : 'missing', found, remedy };
  },
};
