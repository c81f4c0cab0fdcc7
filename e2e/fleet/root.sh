#!/usr/bin/env bash
# Builds, once, what the fleet's instances boot from, and prints its folder: a Debian root with the packages of a web
# server, a database and a cache, WordPress as an archive, and the certificates of a test authority.
# WPC_FLEET_MIRROR: another mirror of Debian. Exits with 3 where the machine cannot build it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/wordpress-operator/fleet
dir=$cache/$(sha256sum "$here/root.sh" | cut -c1-16)
mirror=${WPC_FLEET_MIRROR:-http://deb.debian.org/debian}
root=$dir.new/root tls=$dir.new/tls

cannot() { echo "$*" >&2; exit 3; }
[ "$(id -u)" = 0 ] || cannot "the fleet's root is built by root"
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
if [ -e "$dir/.built" ]; then
    echo "$dir"
    exit
fi

missing=()
for program in debootstrap openssl curl; do command -v $program >/dev/null || missing+=("$program"); done
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || cannot "missing: ${missing[*]}, and there is no apt-get to install them"
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends "${missing[@]}"; } >&2 </dev/null ||
        cannot "missing: ${missing[*]}, and apt-get cannot install them"
fi
curl -fsSI --max-time 30 "$mirror/dists/trixie/InRelease" >/dev/null || cannot "$mirror does not answer"

echo "fleet: building the root of the instances (once; this takes minutes) ..." >&2
began=$SECONDS
ended() {
    umount -l "$root/proc" 2>/dev/null || true
    [ -e "$dir/.built" ] && return
    tail -5 "$dir.log" >&2
    echo "the root cannot be built: see $dir.log" >&2
    exit 3
}
trap ended EXIT
umount -l "$root/proc" 2>/dev/null || true
# Those of other versions of this script too.
find "$cache" -mindepth 1 -maxdepth 1 -type d -exec rm -rf --one-file-system {} +
mkdir -p "$tls"
{
    debootstrap --variant=minbase \
        --include=systemd,systemd-sysv,dbus,ca-certificates,curl,iproute2,openssl trixie "$root" "$mirror"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    mount -t proc proc "$root/proc"
    inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
    inside apt-get -q update
    inside apt-get -q install -y --no-install-recommends nginx jq unzip zip git \
        php8.4-{cli,fpm,mysql,curl,gd,intl,mbstring,xml,bcmath,zip} php-redis php-memcached \
        mariadb-server redis-server memcached wordpress wordpress-theme-twentytwentyfive wrk shellcheck
    inside apt-get -q purge -y 'apache2*' 'libapache2*' || true
    inside apt-get clean
    # Which of them there are is Debian's to say.
    for unit in mariadb redis-server memcached nginx php8.4-fpm apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
        fstrim.timer e2scrub_all.timer; do
        inside systemctl disable "$unit" || true
    done
    inside systemctl mask getty.target systemd-networkd-wait-online.service systemd-resolved.service
    umount "$root/proc"
    rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf"
    rm -rf "$root"/var/lib/apt/lists/*

    # WordPress as Debian packages it is complete, in links all over /usr/share.
    chroot "$root" tar -chz -C /usr/share --exclude=wordpress/wp-config.php --exclude=wordpress/.htaccess wordpress \
        >"$dir.new/wordpress.tar.gz"

    # An authority for tests, which the instances trust, and one certificate for all that it speaks for; another one for
    # the databases, of which the instances hear when they boot.
    cd "$tls"
    authority() { # NAME TITLE
        openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.crt" -days 3650 -subj "/CN=$2" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
    }
    certificate() { # AUTHORITY NAME HOST...
        local by=$1 name=$2
        shift 2
        openssl req -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" -subj /CN=fleet.test
        openssl x509 -req -in "$name.csr" -CA "$by.crt" -CAkey "$by.key" -CAcreateserial -days 3650 -out "$name.crt" \
            -extfile <(printf 'subjectAltName=%s\n' "$(printf 'DNS:%s\n' "$@" | paste -sd,)")
    }
    authority ca "fleet test authority"
    authority database-ca "fleet test databases"
    certificate ca server '*.us-east-1.amazonaws.com' truststore.pki.rds.amazonaws.com artifacts.fleet.test \
        downloads.wordpress.org github.com cache.fleet.test memcached.fleet.test
    certificate database-ca database db.fleet.test db2.fleet.test replica.fleet.test
    # Of the right authority and another name, and of an authority of nobody's.
    certificate database-ca elsewhere elsewhere.fleet.test
    authority nobody "nobody"
    certificate nobody stranger db.fleet.test db2.fleet.test
    cp ca.crt "$root/usr/local/share/ca-certificates/fleet.crt"
    chroot "$root" update-ca-certificates
    keep() { # OWNER NAME...
        local owner=$1 name
        shift
        install -d -m 755 "$root/etc/fleet/$owner"
        for name; do
            cp "$name.crt" "$name.key" "$root/etc/fleet/$owner/"
            chmod 600 "$root/etc/fleet/$owner/$name.key"
        done
        chroot "$root" chown -R "$owner:$owner" "/etc/fleet/$owner"
    }
    keep mysql database elsewhere stranger
    keep redis server
    keep memcache server

    cat >"$root/etc/hosts" <<'END'
127.0.0.1 localhost
10.77.0.1 secretsmanager.us-east-1.amazonaws.com autoscaling.us-east-1.amazonaws.com truststore.pki.rds.amazonaws.com artifacts.fleet.test downloads.wordpress.org github.com
10.77.0.14 db.fleet.test
10.77.0.15 db2.fleet.test
10.77.0.16 cache.fleet.test
10.77.0.17 replica.fleet.test
10.77.0.18 memcached.fleet.test
END
    # The metadata service answers at an address of the instance's own, and asks the test who the instance is.
    cat >"$root/etc/systemd/system/metadata.socket" <<'END'
[Socket]
ListenStream=169.254.169.254:80
FreeBind=yes
[Install]
WantedBy=sockets.target
END
    cat >"$root/etc/systemd/system/metadata.service" <<'END'
[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd 10.77.0.1:8169
END
    chroot "$root" systemctl enable metadata.socket
    # An instance here cannot make user namespaces.
    mkdir -p "$root/etc/systemd/system/redis-server.service.d"
    printf '[Service]\nPrivateUsers=no\n' >"$root/etc/systemd/system/redis-server.service.d/fleet.conf"
    cat >"$root/etc/mysql/mariadb.conf.d/99-fleet.cnf" <<'END'
[mariadbd]
bind-address=0.0.0.0
ssl-cert=/etc/fleet/mysql/database.crt
ssl-key=/etc/fleet/mysql/database.key
require_secure_transport=ON
server-id=1
log-bin=bin
END
    cat >"$root/etc/redis/redis.conf" <<'END'
port 0
tls-port 6379
bind 0.0.0.0
protected-mode no
tls-cert-file /etc/fleet/redis/server.crt
tls-key-file /etc/fleet/redis/server.key
tls-auth-clients no
save ""
dir /var/lib/redis
supervised systemd
include /etc/redis/password.conf
END
} >"$dir.log" 2>&1 </dev/null
touch "$dir.new/.built"
mv "$dir.new" "$dir"
echo "fleet: built the root in $((SECONDS - began)) s" >&2
echo "$dir"
