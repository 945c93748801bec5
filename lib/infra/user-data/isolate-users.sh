#!/bin/bash
# Packet filter rules that keep apart the users of one task on the host's network: a task's role and network belong to all its containers.
# Run as root before the ECS agent starts, and again at each start of it (node-setup.sh sees to both). Running it twice changes nothing.
# Ends with a status other than 0 when a rule could not be set: then no agent may start here.
#
#   10001  a model: loopback, without name servers, the agent's and Docker's ports, and whatever listens below port 1024
#   10002  the driver: everything but the metadata service of the instance
#   10003  a model that declares network: as 10001, and beyond loopback HTTPS and names, but nothing on link-local addresses
#
# Only new TCP connections are looked at on loopback, so that an answer to a client whose port is one of these passes.
# The filter sees sockets of the Internet alone: abstract Unix sockets of the host are guarded by their owners' checks.
set -euo pipefail

readonly MODEL=10001 DRIVER=10002 NETWORK_MODEL=10003
# Below 1024: SSH, name service, time. 2375, 2376: Docker over TCP. 5355: link-local names. 5555: GPU monitoring. 51678-51680: the ECS agent.
readonly CLOSED_ON_LOOPBACK=0:1023,2375,2376,5355,5555,51678:51680

# The rules for one family of addresses: its metadata service, then the networks that the cloud itself answers on.
rules() {
  local metadata=$1
  shift
  cat <<RULES
*filter
:BAKEOFF - [0:0]
:BAKEOFF-MODEL - [0:0]
:BAKEOFF-NETWORK - [0:0]
:BAKEOFF-LOOPBACK - [0:0]
-A BAKEOFF -m owner --uid-owner $MODEL -j BAKEOFF-MODEL
-A BAKEOFF -m owner --uid-owner $NETWORK_MODEL -j BAKEOFF-NETWORK
-A BAKEOFF -m owner --uid-owner $DRIVER -d $metadata -j REJECT
-A BAKEOFF-MODEL -d $metadata -j REJECT
-A BAKEOFF-MODEL -o lo -j BAKEOFF-LOOPBACK
-A BAKEOFF-MODEL -j REJECT
-A BAKEOFF-NETWORK -d $metadata -j REJECT
-A BAKEOFF-NETWORK -p udp --dport 53 -j ACCEPT
-A BAKEOFF-NETWORK -p tcp --dport 53 -j ACCEPT
-A BAKEOFF-NETWORK -o lo -j BAKEOFF-LOOPBACK
$(printf -- '-A BAKEOFF-NETWORK -d %s -j REJECT\n' "$@")
-A BAKEOFF-NETWORK -p tcp --dport 443 -j ACCEPT
-A BAKEOFF-NETWORK -j REJECT
-A BAKEOFF-LOOPBACK -p tcp --syn -m multiport --dports $CLOSED_ON_LOOPBACK -j REJECT --reject-with tcp-reset
-A BAKEOFF-LOOPBACK -p udp -m multiport --dports 0:1023,5355 -j REJECT
-A BAKEOFF-LOOPBACK -j ACCEPT
COMMIT
RULES
}

# The chains are replaced as a whole, in one step; the first time they are then put before all that leaves this host.
apply() {
  local tables=$1
  "$tables-restore" --wait 30 --noflush
  comes_first "$tables" || "$tables" --wait 30 -I OUTPUT 1 -j BAKEOFF
}

comes_first() {
  [ "$("$1" --wait 30 -S OUTPUT 1)" = '-A OUTPUT -j BAKEOFF' ]
}

# What must hold at the end, whatever came before.
verify() {
  local tables=$1
  comes_first "$tables"
  "$tables" --wait 30 -C BAKEOFF -m owner --uid-owner "$MODEL" -j BAKEOFF-MODEL
  "$tables" --wait 30 -S BAKEOFF-MODEL | tail -n 1 | grep -q -- '-j REJECT'
}

rules 169.254.169.254 169.254.0.0/16 | apply iptables
rules fd00:ec2::254 fe80::/10 fd00:ec2::/32 | apply ip6tables
verify iptables
verify ip6tables
echo 'bakeoff: users are isolated'
