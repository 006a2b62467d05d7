#!/usr/bin/env bash
# The commands of the documents, word for word. sample.sh checks the same requests on a free port.
set -euo pipefail

case ${1:-} in
  run)
    # region run
    dotnet run --project samples/MutualTls
    # endregion
    ;;
  curl)
    # region curl
    curl -i http://127.0.0.1:8080/as/web/orders       # 200 three orders
    curl -i http://127.0.0.1:8080/as/web/prices       # 403 Access denied: web may read orders only
    curl -i http://127.0.0.1:8080/as/billing/orders   # 502: another account's certificate
    curl -i http://127.0.0.1:8080/as/nobody/orders    # 502: no certificate
    # endregion
    ;;
esac
