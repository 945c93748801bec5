#!/bin/bash
# Prepares an instance of the fleet before its ECS agent starts: the agent's settings, the users' isolation, Docker's data on the local disks.
# Runs once as the instance's user data, on the ECS-optimised Amazon Linux 2023 image; isolate-users.sh must lie at the path below.
# Fails closed: without the rules there is no agent, so no task is ever placed here, and the instance is found by its absence.
set -euo pipefail

readonly ISOLATE=/opt/bakeoff/isolate-users.sh
readonly DOCKER_ROOT=/var/lib/docker

keep_agent_down() {
  echo 'bakeoff: the set-up failed; the ECS agent stays down' >&2
  systemctl mask --now --no-block ecs.service || true
}
trap '[ "$?" = 0 ] || keep_agent_down' EXIT

# The rules go with every start of the agent, after a reboot too: when they cannot be set, systemd does not start it.
guard_agent() {
  chmod 0755 "$ISOLATE"
  mkdir -p /etc/systemd/system/ecs.service.d
  printf '[Service]\nExecStartPre=%s\n' "$ISOLATE" >/etc/systemd/system/ecs.service.d/10-bakeoff.conf
  systemctl daemon-reload
  "$ISOLATE"
}

# Task-scoped volumes go with their task, minutes after its end. Images are named by content, so one pull is enough, and are cleared when they
# are old (with prefer-cached the agent clears none). A large layer may take minutes to unpack, in which nothing moves.
configure_agent() {
  mkdir -p /etc/ecs
  cat >>/etc/ecs/ecs.config <<'CONFIG'
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_AWSVPC_BLOCK_IMDS=true
ECS_ENABLE_TASK_IAM_ROLE=true
ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true
ECS_IMAGE_PULL_BEHAVIOR=once
ECS_IMAGE_PULL_INACTIVITY_TIMEOUT=10m
ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT=true
ECS_CONTAINER_STOP_TIMEOUT=120s
ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=5m
ECS_IMAGE_CLEANUP_INTERVAL=30m
ECS_IMAGE_MINIMUM_CLEANUP_AGE=1h
ECS_NUM_IMAGES_DELETE_PER_CYCLE=5
CONFIG
}

local_disks() {
  lsblk --nodeps --noheadings --paths --output NAME,MODEL | awk '/Instance Storage/ { print $1 }'
}

# One device of all local disks: striped when there are several and mdadm is to be had, else the first.
local_device() {
  local disks=("$@")
  if [ "${#disks[@]}" -gt 1 ] && { command -v mdadm || dnf install -y -q mdadm; } >/dev/null 2>&1; then
    mdadm --create /dev/md0 --run --level 0 --raid-devices "${#disks[@]}" "${disks[@]}" >&2 && echo /dev/md0
  else
    echo "${disks[0]}"
  fi
}

# Images and volumes on NVMe load several times faster than from the root volume. Docker is stopped for it, which takes the queued
# start of the agent back: the last line of this file starts it again.
move_docker_to_local_disks() {
  local disks device
  mapfile -t disks < <(local_disks)
  [ "${#disks[@]}" -gt 0 ] || return 0
  device=$(local_device "${disks[@]}")
  systemctl stop docker.socket docker.service
  mkfs.xfs -f -q "$device"
  mkdir -p /mnt/bakeoff-docker
  mount "$device" /mnt/bakeoff-docker
  cp -a "$DOCKER_ROOT/." /mnt/bakeoff-docker/
  umount /mnt/bakeoff-docker
  mount -o noatime "$device" "$DOCKER_ROOT"
  echo "$device $DOCKER_ROOT xfs defaults,noatime,nofail 0 0" >>/etc/fstab
}

guard_agent
configure_agent
# Slower without, but not wrong: the root volume does. A shell of its own ends at the first step that fails.
set +e
(set -e && trap - EXIT && move_docker_to_local_disks)
moved=$?
[ "$moved" = 0 ] || echo 'bakeoff: the local disks cannot be used; Docker stays on the root volume' >&2
set -e
systemctl start docker.service
# Never wait here: the agent's unit waits for the user data to end.
systemctl start --no-block ecs.service
