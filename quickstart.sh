#!/bin/sh
# Checks the prerequisites, runs the whole thread for a while and tells what to look at next.
set -eu
cd "$(dirname "$0")"

missing=""
for program in git make node npm; do
  if found=$(command -v "$program"); then echo "  ok       $program ($found)"; else
    echo "  missing  $program"
    missing="$missing $program"
  fi
done
if [ -n "$missing" ]; then
  echo "Please install what is missing; on Debian: apt-get install git make nodejs npm" >&2
  exit 1
fi
major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 18 ]; then
  echo "Node $major is too old: 18 or newer is needed to set up (Node 24 is then installed into the checkout)" >&2
  exit 1
fi

make --no-print-directory demo

cat <<'NEXT'

Next:
  make up                  start the servers, then, each in a terminal of its own:
  make dev-mock-grid       electricity prices     http://localhost:8081/docs
  make dev-ingestion       the cars' gRPC edge    localhost:50051, http://localhost:8082/metrics
  make dev-pricing-worker  prices and stores      http://localhost:8083/metrics
  make dev-booking         negotiates slots       localhost:50052, http://localhost:8084/metrics
  make dev-simulator       a fleet
  make dev-cli             watch it
  make status              what runs, and how far behind it is
  make help                everything else
NEXT
