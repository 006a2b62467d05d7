# Functions of the samples' scripts: start a server and wait for its address, compare an answer. Sourced, not run.
# shellcheck shell=bash

declare -A found pids
logs=$(mktemp -d)
# Each server gets a process group of its own: ending it ends what it started, too.
set -m

stop_all() {
  local name
  for name in "${!pids[@]}"; do
    kill -- "-${pids[$name]}" 2> /dev/null || true
    wait "${pids[$name]}" 2> /dev/null || true
  done
  rm -rf "$logs"
}
trap stop_all EXIT

build() {
  local project
  for project in "$@"; do
    dotnet build "$project" -c Release -v quiet --nologo > "$logs/build" 2>&1 || {
      cat "$logs/build" >&2
      exit 1
    }
  done
}

# start NAME MARKER COMMAND...: runs the command and reads its output until a line has MARKER; found[NAME] is the URL of the first address behind it.
start() {
  local name=$1 marker=$2 line
  shift 2
  mkfifo "$logs/$name"
  "$@" > "$logs/$name" 2>&1 < /dev/null &
  pids[$name]=$!
  exec {pipe}< "$logs/$name"
  while IFS= read -r -t 60 -u "$pipe" line; do
    if [[ $line == *"$marker"* ]]; then
      # shellcheck disable=SC2034 # read by the scripts
      found[$name]=http://$(grep -oE '([0-9]+\.){3}[0-9]+:[0-9]+' <<< "${line#*"$marker"}" | head -n 1)
      # keep reading, so that the server never blocks on its output
      cat <&"$pipe" > "$logs/$name.log" &
      exec {pipe}<&-
      return 0
    fi
    echo "$line" >> "$logs/$name.log"
  done
  echo "$name did not start:" >&2
  cat "$logs/$name.log" >&2
  exit 1
}

# expect STATUS TEXT CURL-ARGUMENTS...: the answer has this status and this text.
expect() {
  local status=$1 text=$2 body code
  shift 2
  body=$(mktemp -p "$logs")
  code=$(curl -sS -o "$body" -w '%{http_code}' --max-time 20 "$@") || true
  if [[ $code != "$status" || $(< "$body") != *"$text"* ]]; then
    echo "curl $*: expected $status with \"$text\", got $code with \"$(< "$body")\"" >&2
    exit 1
  fi
  printf '%s  curl %s\n' "$code" "$*"
}
