#!/usr/bin/env bash
# Commands that documents show, word for word. Run it from the root of the repository with the name of a region.
set -euo pipefail

case ${1:-} in
  run)
    # region run
    dotnet run --project samples/Grpc
    # endregion
    ;;
  call)
    # region call
    dotnet run --project samples/Grpc --no-launch-profile -- call http://127.0.0.1:5000 GetItem book    # GetItem: book
    dotnet run --project samples/Grpc --no-launch-profile -- call http://127.0.0.1:5000 Add book        # Add: PermissionDenied, Access denied
    # endregion
    ;;
  *)
    echo "usage: samples/Grpc/commands.sh REGION" >&2
    exit 2
    ;;
esac
