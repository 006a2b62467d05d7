#!/usr/bin/env bash
# The commands of the documents, word for word. sample.sh checks the same requests on a free port.
set -euo pipefail

case ${1:-} in
  run)
    # region run
    dotnet run --project samples/HttpClient
    # endregion
    ;;
  curl)
    # region curl
    curl -i 'http://127.0.0.1:8080/fetch?url=http://localhost:8080/public'     # 200 hello
    curl -i 'http://127.0.0.1:8080/fetch?url=http://localhost:8080/private'    # 403 Access denied
    curl -i 'http://127.0.0.1:8080/fetch?url=http://169.254.169.254/'          # 403 Access denied
    # endregion
    ;;
esac
