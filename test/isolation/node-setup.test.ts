/**
 * The set-up of an instance, run by a real bash in a folder that stands for its root, with programs of the host that only say that they
 * were called: in which order, and what becomes of the ECS agent when a step fails.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const SCRIPT = readFileSync(join(import.meta.dirname, '../../lib/infra/user-data/node-setup.sh'), 'utf8');
const STUBBED = ['systemctl', 'lsblk', 'mdadm', 'dnf', 'mkfs.xfs', 'mount', 'umount'];
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

interface Outcome {
  readonly status: number | null;
  /** Calls in their order, the root left out. */
  readonly calls: readonly string[];
  readonly stderr: string;
  readonly read: (path: string) => string;
}

/** `disks` are those that lsblk lists; `failing` calls, by how they begin, end with status 1. */
function setUp(options: { readonly disks?: readonly string[]; readonly failing?: string } = {}): Outcome {
  const root = mkdtempSync(join(tmpdir(), 'bakeoff-node-'));
  roots.push(root);
  for (const folder of ['bin', 'etc', 'mnt', 'opt/bakeoff', 'var/lib/docker']) mkdirSync(join(root, folder), { recursive: true });
  const list = [
    '/dev/nvme0n1 Amazon Elastic Block Store',
    ...(options.disks ?? []).map((disk) => `${disk} Amazon EC2 NVMe Instance Storage`),
  ];
  writeFileSync(join(root, 'disks'), `${list.join('\n')}\n`);
  writeFileSync(join(root, 'calls'), '');
  const stub = `#!/bin/bash
call="$(basename "$0") $*"
echo "$call" >> ${root}/calls
[ "$(basename "$0")" != lsblk ] || cat ${root}/disks
case "$call" in "${options.failing ?? 'nothing'}"*) exit 1 ;; esac
`;
  for (const path of [...STUBBED.map((name) => `bin/${name}`), 'opt/bakeoff/isolate-users.sh']) {
    writeFileSync(join(root, path), stub);
    chmodSync(join(root, path), 0o755);
  }
  const script = SCRIPT.replaceAll(/(?<=[ =>])\/(etc|opt|mnt|var)\//g, `${root}/$1/`);
  writeFileSync(join(root, 'user-data'), script);
  const env = { PATH: `${root}/bin:/usr/bin:/bin` };
  const { status, stderr } = spawnSync('bash', [join(root, 'user-data')], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  const calls = readFileSync(join(root, 'calls'), 'utf8').replaceAll(root, '').trim().split('\n');
  return { status, calls, stderr, read: (path) => readFileSync(join(root, path), 'utf8').replaceAll(root, '') };
}

const AGENT_STARTS = 'systemctl start --no-block ecs.service';
const AGENT_STAYS_DOWN = 'systemctl mask --now --no-block ecs.service';

describe('the set-up of an instance', () => {
  it('sets the rules first and starts the agent last, without waiting', () => {
    const { status, calls, stderr } = setUp();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(calls.slice(0, 2)).toEqual(['systemctl daemon-reload', 'isolate-users.sh ']);
    expect(calls.slice(-2)).toEqual(['systemctl start docker.service', AGENT_STARTS]);
  });

  it('ties the rules to every start of the agent', () => {
    const unit = setUp().read('etc/systemd/system/ecs.service.d/10-bakeoff.conf');
    expect(unit).toBe('[Service]\nExecStartPre=/opt/bakeoff/isolate-users.sh\n');
  });

  it('tells the agent to drain on Spot, to pull an image once and clear old ones, and to give roles to tasks on the host network', () => {
    const settings = setUp().read('etc/ecs/ecs.config').split('\n');
    expect(settings).toEqual(
      expect.arrayContaining([
        'ECS_ENABLE_SPOT_INSTANCE_DRAINING=true',
        'ECS_AWSVPC_BLOCK_IMDS=true',
        'ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true',
        'ECS_IMAGE_PULL_BEHAVIOR=once',
        'ECS_IMAGE_PULL_INACTIVITY_TIMEOUT=10m',
        'ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT=true',
      ]),
    );
  });

  it.each(['isolate-users.sh', 'systemctl daemon-reload', 'systemctl start docker'])('keeps the agent down when "%s" fails', (failing) => {
    const { status, calls } = setUp({ failing });
    expect(status).not.toBe(0);
    expect(calls).not.toContain(AGENT_STARTS);
    expect(calls.at(-1)).toBe(AGENT_STAYS_DOWN);
  });

  it('keeps Docker where it is without local disks', () => {
    expect(setUp().calls.filter((call) => /mkfs|mount|stop/.test(call))).toEqual([]);
  });

  it("moves Docker's data to a local disk while Docker is stopped", () => {
    const { status, calls, read } = setUp({ disks: ['/dev/nvme1n1'] });
    expect(status).toBe(0);
    expect(calls.slice(3)).toEqual([
      'systemctl stop docker.socket docker.service',
      'mkfs.xfs -f -q /dev/nvme1n1',
      'mount /dev/nvme1n1 /mnt/bakeoff-docker',
      'umount /mnt/bakeoff-docker',
      'mount -o noatime /dev/nvme1n1 /var/lib/docker',
      'systemctl start docker.service',
      AGENT_STARTS,
    ]);
    expect(read('etc/fstab')).toBe('/dev/nvme1n1 /var/lib/docker xfs defaults,noatime,nofail 0 0\n');
  });

  it('stripes several local disks', () => {
    const { calls } = setUp({ disks: ['/dev/nvme1n1', '/dev/nvme2n1'] });
    expect(calls).toContain('mdadm --create /dev/md0 --run --level 0 --raid-devices 2 /dev/nvme1n1 /dev/nvme2n1');
    expect(calls).toContain('mount -o noatime /dev/md0 /var/lib/docker');
  });

  it.each(['mkfs.xfs', 'mdadm', 'mount /dev/md0', 'mount -o'])(
    'goes on with the root volume when "%s" fails, and starts Docker and the agent',
    (failing) => {
      const { status, calls, stderr } = setUp({ disks: ['/dev/nvme1n1', '/dev/nvme2n1'], failing });
      expect(status).toBe(0);
      expect(stderr).toContain('Docker stays on the root volume');
      expect(calls.slice(-2)).toEqual(['systemctl start docker.service', AGENT_STARTS]);
    },
  );
});
