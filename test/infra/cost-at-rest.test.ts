/** The cost of a deployment at rest: small, complete, and not hiding what is billed by the hour. */
import { describe, expect, it } from 'vitest';
import { PRICE_SHEET } from '../../lib/core/price-sheet.ts';
import { costAtRest } from '../../lib/infra/cost-at-rest.ts';
import { checkedStack } from '../../lib/infra/own-checks.ts';
import { place } from './synth-fixture.ts';

function lines(settings: Record<string, unknown>) {
  const stacks = Object.values(place(settings).templates());
  return costAtRest(
    stacks.flatMap((template) => checkedStack(JSON.stringify(template), new Map()).resources),
    PRICE_SHEET,
  );
}

function resource(Type: string, Properties: Record<string, unknown> = {}) {
  return { Type, Properties, logicalId: 'One', path: 'One' };
}

describe('a deployment at rest', () => {
  it('costs less than a dollar a month, and nothing in an account with its free tier left', () => {
    const found = lines({});
    expect(found.map(({ what, count }) => [what, count])).toEqual([
      ['alarms', 4],
      ['alarms by which ECS scales the classes', 2 * 2],
    ]);
    expect(found.reduce((sum, { usd }) => sum + usd, 0)).toBeLessThan(1);
    expect(found.reduce((sum, { usdAfterFreeTier }) => sum + usdAfterFreeTier, 0)).toBe(0);
  });

  it('says what a private network costs', () => {
    const nat = lines({ network: 'private' }).find(({ what }) => what === 'NAT gateways');
    expect(nat?.usd).toBeCloseTo(0.045 * 730, 6);
    const endpoints = lines({ network: 'private', privateEgress: 'endpoints' }).find(({ what }) => what.startsWith('interface'));
    expect(endpoints).toMatchObject({ count: 12 });
    expect(endpoints?.usd).toBeCloseTo(12 * 0.01 * 730, 6);
  });

  it('has no figure for a kind of resource that nobody has priced', () => {
    expect(() => costAtRest([resource('AWS::RDS::DBInstance')], PRICE_SHEET)).toThrow('no price at rest is known of AWS::RDS::DBInstance');
  });

  it('has no figure for a group that keeps instances', () => {
    expect(() => costAtRest([resource('AWS::AutoScaling::AutoScalingGroup', { MinSize: '1' })], PRICE_SHEET)).toThrow('keeps instances');
  });
});
