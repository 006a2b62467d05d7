#!/usr/bin/env bash
# Commands that documents show, word for word. Run it from the root of the repository with the name of a region.
set -euo pipefail

case ${1:-} in
  two-commands)
    # region two-commands
    ./policyproxy demo     # a proxy, a server, requests that pass and requests that do not, and why
    ./test.sh              # all tests
    # endregion
    ;;
  demo)
    # region demo
    ./policyproxy demo
    # endregion
    ;;
  sidecar)
    # region sidecar
    samples/Sidecar/sample.sh    # a server, a sidecar with the same policy before it, and three requests
    # endregion
    ;;
  run)
    # region run
    sudo samples/Run/sample.sh    # a server, and curl under a policy: four requests, one of which passes
    # endregion
    ;;
  kafka)
    # region kafka
    sudo samples/Kafka/sample.sh    # a broker behind a sidecar, and two services that may each do one thing
    # endregion
    ;;
  grpc)
    # region grpc
    samples/Grpc/sample.sh    # a gRPC service with a policy, alone and behind a sidecar: calls that pass and calls that do not
    # endregion
    ;;
  httpclient)
    # region httpclient
    samples/HttpClient/sample.sh    # an application that fetches what users name, under a policy
    # endregion
    ;;
  mutualtls)
    # region mutualtls
    samples/MutualTls/sample.sh    # a service that knows its clients by their certificates: one request passes, three do not
    # endregion
    ;;
  unittest)
    # region unittest
    samples/UnitTest/sample.sh    # tests of a policy, and the same tests with a policy that allows more
    # endregion
    ;;
  upgrade)
    # region upgrade
    samples/Upgrade/sample.sh    # a second sidecar takes over the port of the first
    # endregion
    ;;
  *)
    echo "usage: samples/commands.sh REGION" >&2
    exit 2
    ;;
esac
