"""The same rules in everyone's words: GET and POST on /api/v1/.*, /api/health and /users/[0-9]+/orders(/.*)?; all else is 403."""

import os
import resource

SMALL_BODY = "a" * 99 + "\n"
BIG_BYTES = 64 * 1024
POST_BYTES = 1024
MAX_CONNECTIONS = 12000

POLICY = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: side-by-side
spec:
  endpointSelector:
    matchLabels:
      app: api
  ingress:
  - toPorts:
    - ports:
      - port: "8080"
        protocol: TCP
      rules:
        http:
        - method: GET|POST
          path: /api/v1/.*
        - method: GET|POST
          path: /api/health
        - method: GET|POST
          path: /users/[0-9]+/orders(/.*)?
"""

POST_SCRIPT = f"""\
wrk.method = "POST"
wrk.body = string.rep("x", {POST_BYTES})
"""


def haproxy(port: int, upstream: int, threads: int, buffer: int | None = None, log: bool = False) -> str:
    """Near-default; the limit of connections is raised, and backend connections may be shared by all clients."""
    tuning = f"  tune.bufsize {buffer}\n" if buffer else ""
    logging = "  log stdout format raw local0\n" if log else ""
    use_log = "  log global\n  option httplog\n" if log else ""
    return f"""\
global
  nbthread {threads}
  maxconn {MAX_CONNECTIONS}
  no strict-limits
{tuning}{logging}defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
{use_log}frontend clients
  bind 127.0.0.1:{port} backlog 4096
  acl method_ok method GET POST
  acl prefix path_beg /api/v1/
  acl health path /api/health
  acl orders path_reg ^/users/[0-9]+/orders(/.*)?$
  http-request deny deny_status 403 unless method_ok prefix or method_ok health or method_ok orders
  default_backend origin
backend origin
  server origin 127.0.0.1:{upstream}
"""


def nginx_proxy(port: int, upstream: int, workers: int, folder: str) -> str:
    """Keep-alive to the backend, buffers of HAProxy's size, no temporary files."""
    return f"""\
{_nginx_head(workers, folder)}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
{_nginx_temporary(folder)}
  map $request_method $refused {{ GET 0; POST 0; default 1; }}
  upstream origin {{
    server 127.0.0.1:{upstream};
    keepalive 1024;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_buffer_size 16k;
  proxy_buffers 8 16k;
  proxy_busy_buffers_size 32k;
  proxy_max_temp_file_size 0;
  server {{
    listen 127.0.0.1:{port} backlog=4096{" reuseport" if workers > 1 else ""};
    if ($refused) {{ return 403; }}
    location ^~ /api/v1/ {{ proxy_pass http://origin; }}
    location = /api/health {{ proxy_pass http://origin; }}
    location ~ ^/users/[0-9]+/orders(/.*)?$ {{ proxy_pass http://origin; }}
    location / {{ return 403; }}
  }}
}}
"""


def backend(port: int, status_port: int, workers: int, folder: str) -> str:
    """The server behind all of them: a small answer from memory, a file of 64 KiB, and a counter of the requests it got."""
    return f"""\
{_nginx_head(workers, folder)}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  open_file_cache max=16 inactive=1h;
  open_file_cache_valid 1h;
{_nginx_temporary(folder)}
  server {{
    listen 127.0.0.1:{port} backlog=4096{" reuseport" if workers > 1 else ""};
    root "{folder}/www";
    default_type text/plain;
    location = /api/v1/big {{ }}
    location / {{ return 200 "{SMALL_BODY.strip()}\\n"; }}
  }}
  server {{
    listen 127.0.0.1:{status_port};
    location / {{ stub_status; }}
  }}
}}
"""


def write_backend_files(folder: str) -> None:
    big = os.path.join(folder, "www", "api", "v1", "big")
    os.makedirs(os.path.dirname(big), exist_ok=True)
    with open(big, "wb") as file:
        file.write(b"b" * BIG_BYTES)


def _nginx_head(workers: int, folder: str) -> str:
    # As root nginx would give its workers to another user, who may not be able to read the files of this run.
    user = "user root;\n" if os.getuid() == 0 else ""
    return f"""\
{user}daemon off;
worker_processes {workers};
worker_rlimit_nofile {_descriptors()};
pid "{folder}/nginx.pid";
error_log "{folder}/error.log" warn;
events {{ worker_connections {MAX_CONNECTIONS + 2048}; multi_accept on; }}"""


def _nginx_temporary(folder: str) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "\n".join(f'  {kind}_temp_path "{folder}/{kind}";' for kind in kinds)


def _descriptors() -> int:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 2**20 if hard == resource.RLIM_INFINITY else hard
