#!/usr/bin/env bash
# instance.sh NAME ROOT FOLDER [SHARED [BEFORE]]: boots systemd over an overlay of ROOT, in namespaces and a control group of its
# own. SHARED stands in for the mounted file system of uploads, BEFORE for where they lay before. It ends with `kill -9` alone.
set -euo pipefail
name=$1
group=$(findmnt -nt cgroup2 -o TARGET | head -1)/wpc-fleet/$name
mkdir -p "$group"
echo $$ >"$group/cgroup.procs"
mkdir -p "$3"/{upper,work,merged}
# shellcheck disable=SC2016 # what is in quotes is for the bash inside
# --net=FILE would make another network, not join this one.
exec nsenter --net="/run/netns/wpc-fleet-$name" \
    unshare --mount --pid --fork --uts --ipc --cgroup --kill-child bash -c '
set -euo pipefail
name=$1 root=$2 folder=$3 shared=${4:-} before=${5:-}
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$root,upperdir=$folder/upper,workdir=$folder/work" "$folder/merged"
cd "$folder/merged"
hostname "$name"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for device in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"; done
mknod -m 666 dev/tty c 5 0
echo "$name" >etc/hostname
: >etc/machine-id
if [ -n "$shared" ]; then
    mkdir -p srv/uploads
    mount --bind "$shared" srv/uploads
fi
if [ -n "$before" ]; then
    mkdir -p srv/uploads-before
    mount --bind "$before" srv/uploads-before
fi
exec chroot . /usr/bin/env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
' instance "$@"
