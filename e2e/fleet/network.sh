#!/usr/bin/env bash
# network.sh up | add NAME ADDRESS | down: the bridge 10.77.0.1/24 of the fleet, a namespace of the network for each
# instance, and the end of everything, leftovers of a killed run included.
set -euo pipefail
bridge=wpc-fleet

case $1 in
up)
    ip link add $bridge type bridge
    ip address add 10.77.0.1/24 dev $bridge
    ip link set $bridge up
    ;;
add)
    space=$bridge-$2 link=wpcf-$2
    ip netns add "$space"
    ip link add "$link" type veth peer name eth0 netns "$space"
    ip link set "$link" master $bridge up
    ip -n "$space" address add "$3/24" dev eth0
    ip -n "$space" link set eth0 up
    # The metadata service's: only in here, since the machine itself may be an EC2 instance.
    ip -n "$space" address add 169.254.169.254/32 dev lo
    ip -n "$space" link set lo up
    ;;
down)
    groups=$(findmnt -nt cgroup2 -o TARGET | head -1)/wpc-fleet
    if [ -d "$groups" ]; then
        echo 1 >"$groups/cgroup.kill"
        for _ in {1..100}; do
            find "$groups" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
    fi
    for space in $(ip netns list | awk -v prefix="^$bridge-" '$1 ~ prefix { print $1 }'); do ip netns delete "$space"; done
    for link in $(ip -o link show | awk -F '[ :@]+' '$2 ~ /^wpcf-/ { print $2 }'); do ip link delete "$link" 2>/dev/null || true; done
    ip link delete $bridge 2>/dev/null || true
    rm -rf --one-file-system /tmp/wpc-fleet-*
    ;;
esac
