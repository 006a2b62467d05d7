#!/usr/bin/env bash
# Writes PublicAPI.Unshipped.txt of both packages anew from the code. Run it after a change of the public API and read the diff.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
export PublicApiGuard=true

for project in src/Protocols src/PolicyProxy; do
  echo '#nullable enable' > "$project/PublicAPI.Unshipped.txt"
  dotnet format analyzers "$project" --diagnostics RS0016 RS0017 --severity warn --no-restore
  { echo '#nullable enable'; grep -v '^#nullable' "$project/PublicAPI.Unshipped.txt" | LC_ALL=C sort -u; } > "$project/PublicAPI.new"
  mv "$project/PublicAPI.new" "$project/PublicAPI.Unshipped.txt"
  echo "$project: $(($(wc -l < "$project/PublicAPI.Unshipped.txt") - 1)) entries"
done
