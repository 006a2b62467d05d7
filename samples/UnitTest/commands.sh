#!/usr/bin/env bash
# The commands of the documents, word for word.
set -euo pipefail

case ${1:-} in
  run)
    # region run
    dotnet test samples/UnitTest
    # endregion
    ;;
esac
