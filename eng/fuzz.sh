#!/usr/bin/env bash
# Fuzzes one parser: eng/fuzz.sh TARGET [SECONDS]. Goes on where the last run stopped; what it keeps is in artifacts/fuzz/TARGET.
# Without arguments it lists the targets. Exits with 1 if a crash or a hang was found, now or in an earlier run.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

plain=artifacts/bin/Fuzz/release
folder=artifacts/fuzz

dotnet build tests/Fuzz -c Release -v quiet --nologo -clp:NoSummary
if [[ $# -eq 0 ]]; then
  dotnet "$plain/Fuzz.dll" list | cut -d ' ' -f 1
  exit 0
fi
target=$1 seconds=${2:-60}
dictionary=$(dotnet "$plain/Fuzz.dll" list | awk -v target="$target" '$1 == target { print $2 }')
[[ -n $dictionary ]] || {
  echo "fuzz.sh: no target $target; without arguments the targets are listed" >&2
  exit 2
}
command -v afl-fuzz > /dev/null || {
  echo "fuzz.sh: afl-fuzz is needed (package afl++)" >&2
  exit 2
}

# 1. Instrument a copy, which then runs under afl-fuzz only. The parsers alone are instrumented, not the laws.
instrumented=$folder/instrumented
rm -rf "$instrumented"
mkdir -p "$instrumented"
cp -r "$plain/." "$instrumented"
dotnet tool restore > /dev/null
dotnet tool run sharpfuzz "$instrumented/PolicyProxy.Protocols.dll"

# 2. Run. The fork server is SharpFuzz inside the program, so afl-fuzz must not look for one in the executable.
work=$folder/$target
seeds=$folder/seeds/$target
rm -rf "$seeds"
dotnet "$plain/Fuzz.dll" seeds "$target" "$seeds"
export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_QUIET=1
input=$seeds
[[ ! -d $work/default/queue ]] || input=-
mkdir -p "$work"
afl-fuzz -i "$input" -o "$work" -x "$plain/dictionaries/$dictionary" -V "$seconds" -t 5000 -m none \
  -- dotnet "$instrumented/Fuzz.dll" fuzz "$target" > "$work/afl.log" 2>&1 || {
  tail -n 20 "$work/afl.log" >&2
  exit 2
}

# 3. Report.
value() { awk -F ' *: *' -v key="$1" '$1 == key { print $2 }' "$work/default/fuzzer_stats"; }
echo "$target: $(value run_time) s, $(value execs_done) executions ($(value execs_per_sec)/s), $(value corpus_count) paths," \
  "$(value bitmap_cvg) of the map, $(value saved_crashes) crashes, $(value saved_hangs) hangs"
mapfile -t findings < <(find "$work/default/crashes" "$work/default/hangs" -type f -name 'id:*')
[[ ${#findings[@]} -eq 0 ]] || {
  dotnet "$plain/Fuzz.dll" replay "$target" "${findings[@]}" || true
  exit 1
}
