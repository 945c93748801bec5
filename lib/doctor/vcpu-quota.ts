/** EC2 counts vCPUs by family and market, and new accounts may run no GPU at all: what the fleet asks for is compared with what it may. */
import { INSTANCE_TYPES } from '../core/instance-catalogue.ts';
import type { Cloud } from '../compose/cloud.ts';
import type { CloudCheck, Finding } from './finding.ts';

type ClassInUse = Awaited<ReturnType<Cloud['fleet']>>[number];

/** Codes of the quotas of EC2 (Service Quotas, service `ec2`), by the letters that a type begins with. */
const QUOTAS: ReadonlyArray<{
  readonly types: RegExp;
  readonly market: ClassInUse['market'];
  readonly code: string;
  readonly name: string;
}> = [
  { types: /^(g|vt)\d/, market: 'on-demand', code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances' },
  { types: /^(g|vt)\d/, market: 'spot', code: 'L-3819A6DF', name: 'All G and VT Spot Instance Requests' },
  { types: /^p\d/, market: 'on-demand', code: 'L-417A185B', name: 'Running On-Demand P instances' },
  { types: /^p[234]/, market: 'spot', code: 'L-7212CCBC', name: 'All P4, P3 and P2 Spot Instance Requests' },
  {
    types: /^[acdhimrtz]\d/,
    market: 'on-demand',
    code: 'L-1216C47A',
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
  },
  { types: /^[acdhimrtz]\d/, market: 'spot', code: 'L-34B43A08', name: 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests' },
];

export interface QuotaNeed {
  readonly code: string;
  readonly name: string;
  /** Of all its classes at their most. */
  readonly neededVcpus: number;
  /** Of the largest single instance: below it, that class never starts. */
  readonly leastVcpus: number;
  readonly classes: readonly string[];
}

/** What a fleet asks of each quota; classes whose quota or size is not known are named apart. */
export function quotaNeeds(fleet: readonly ClassInUse[]): { readonly needs: QuotaNeed[]; readonly unknown: string[] } {
  const needs = new Map<string, QuotaNeed>();
  const unknown: string[] = [];
  for (const { name: className, instanceType, market, maxInstances } of fleet) {
    const quota = QUOTAS.find((candidate) => candidate.market === market && candidate.types.test(instanceType));
    const vcpu = INSTANCE_TYPES.get(instanceType)?.vcpu;
    if (quota === undefined || vcpu === undefined) {
      unknown.push(`${className} (${instanceType} ${market})`);
      continue;
    }
    const before = needs.get(quota.code) ?? { code: quota.code, name: quota.name, neededVcpus: 0, leastVcpus: 0, classes: [] };
    needs.set(quota.code, {
      ...before,
      neededVcpus: before.neededVcpus + vcpu * maxInstances,
      leastVcpus: Math.max(before.leastVcpus, vcpu),
      classes: [...before.classes, className],
    });
  }
  return { needs: [...needs.values()], unknown };
}

export function judgeQuotas(needs: readonly (QuotaNeed & { readonly vcpus: number })[], unknown: readonly string[]): Finding {
  const id = 'vcpu-quota';
  const short = needs.filter(({ vcpus, neededVcpus }) => vcpus < neededVcpus);
  const notKnown = unknown.length === 0 ? '' : `; not checked: ${unknown.join(', ')}`;
  if (short.length === 0) {
    const found = needs.map(({ code, vcpus, neededVcpus }) => `${code} ${vcpus} vCPUs for ${neededVcpus}`).join(', ');
    return { id, status: 'ok', found: `${found}${notKnown}`, remedy: null };
  }
  const isNever = short.some(({ vcpus, leastVcpus }) => vcpus < leastVcpus);
  const found = short.map(
    ({ code, name, vcpus, neededVcpus, leastVcpus, classes }) =>
      `${name} (${code}): ${vcpus} vCPUs, the fleet takes up to ${neededVcpus} (${classes.join(', ')})${vcpus < leastVcpus ? ': none of these would start' : ''}`,
  );
  const remedy = 'Ask for more in the console under Service Quotas, Amazon EC2 (it takes hours), or lower maxInstances in cdk.json.';
  return { id, status: isNever ? 'missing' : 'warn', found: `${found.join('; ')}${notKnown}`, remedy };
}

export const vcpuQuotaCheck: CloudCheck = {
  id: 'vcpu-quota',
  check: async (cloud) => {
    const { needs, unknown } = quotaNeeds(await cloud.fleet());
    if (needs.length === 0 && unknown.length === 0) {
      return { id: 'vcpu-quota', status: 'skipped', found: 'the deployment has no fleet of its own', remedy: null };
    }
    const asked = await Promise.all(needs.map(async (need) => ({ ...need, vcpus: await cloud.vcpuQuota(need.code) })));
    return judgeQuotas(asked, unknown);
  },
};
