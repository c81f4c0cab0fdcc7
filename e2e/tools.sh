#!/usr/bin/env bash
# Builds the programs that the tests run beside ours, once, into the user's cache folder:
# etcd and kube-apiserver, helm, the emulated clouds, cargo-deny; on demand cargo-cyclonedx.
#
#   e2e/tools.sh [controlplane] [charts] [clouds] [deny] [sbom]     default: all but sbom
set -euo pipefail

HELM=v4.3.1
CARGO_DENY=0.20.2
CARGO_CYCLONEDX=0.5.9

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/wordpress-operator
bin=$cache/bin
mkdir -p "$bin"

need() {
    command -v "$1" >/dev/null || { echo "tools: $1 is missing: install $2, then run this again" >&2; exit 1; }
}

digest() { cat "$@" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d' ' -f1; }

# once STAMP WHAT COMMAND...: runs the command unless STAMP says that its result is there.
once() {
    local stamp=$1 what=$2 began=$SECONDS
    shift 2
    if [[ -e $stamp ]]; then
        echo "tools: $what is there"
        return
    fi
    echo "tools: building $what (once; this can take minutes) ..."
    "$@"
    touch "$stamp"
    echo "tools: built $what in $((SECONDS - began)) s"
}

build_controlplane() {
    local version=$1 component=k8s.io/component-base/version
    local core=${version#v}
    need go "Go 1.25 or later"
    rm -f "$cache"/controlplane/.built-*
    (cd "$here/controlplane" && go build -trimpath -o "$cache/controlplane/" -ldflags "-s -w \
        -X $component.gitVersion=$version \
        -X $component.gitMajor=${core%%.*} -X $component.gitMinor=$(cut -d. -f2 <<<"$core")" ./cmd/...)
}

controlplane() {
    if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
        echo "tools: using the control plane in $KUBEBUILDER_ASSETS"
        return
    fi
    local sources version
    sources=$(digest "$here"/controlplane/go.{mod,sum} "$here"/controlplane/cmd/*/main.go)
    version=$(awk '$1 == "k8s.io/kubernetes" { print $2; exit }' "$here/controlplane/go.mod")
    mkdir -p "$cache/controlplane"
    once "$cache/controlplane/.built-$sources" "etcd and kube-apiserver $version" \
        build_controlplane "$version"
}

go_install() {
    need go "Go 1.25 or later"
    GOBIN=$bin GOFLAGS=${GOFLAGS:-} go install -trimpath -ldflags '-s -w' "$1"
}

charts() {
    once "$bin/.helm-$HELM" "helm $HELM" go_install "helm.sh/helm/v4/cmd/helm@$HELM"
}

install_cloud() {
    need python3 "Python 3.10 or later"
    rm -rf "$2"
    python3 -m venv "$2"
    "$2/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$1"
}

clouds() {
    local lock name
    for lock in "$here"/clouds/*.txt; do
        name=$(basename "$lock" .txt)
        once "$cache/clouds/$name/.built-$(digest "$lock")" "the cloud $name" \
            install_cloud "$lock" "$cache/clouds/$name"
    done
}

# Optimised for being built, not for running: it runs for two seconds.
install_crate() {
    local target=$cache/$1-target
    CARGO_TARGET_DIR=$target CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0 \
        cargo install --quiet --locked --force --root "$cache" --version "$2" "$1"
    rm -rf "$target"
}

deny() {
    need cargo "Rust by rustup"
    once "$bin/.cargo-deny-$CARGO_DENY" "cargo-deny $CARGO_DENY" install_crate cargo-deny "$CARGO_DENY"
}

sbom() {
    need cargo "Rust by rustup"
    once "$bin/.cargo-cyclonedx-$CARGO_CYCLONEDX" "cargo-cyclonedx $CARGO_CYCLONEDX" \
        install_crate cargo-cyclonedx "$CARGO_CYCLONEDX"
}

# Two runs at once would write the same files.
exec 9>"$cache/.tools.lock"
if command -v flock >/dev/null; then flock 9; fi

[[ $# -gt 0 ]] || set -- controlplane charts clouds deny
for part in "$@"; do
    case $part in
        controlplane | charts | clouds | deny | sbom) "$part" ;;
        *) echo "tools: there is no part '$part'" >&2; exit 2 ;;
    esac
done
