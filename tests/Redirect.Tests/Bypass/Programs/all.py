"""Runs the attempts named in the second argument, or all."""
import sys

import attempts
import datagrams
import leaving
import loopback
import sockets
import streams

attempts.run(sys.argv[2].split(",") if len(sys.argv) > 2 else None)
