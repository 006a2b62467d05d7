vcl 4.1;
backend recorder { .host = "127.0.0.1"; .port = "CAPTURE"; }
sub vcl_recv {
  if (req.url == "/denied") { return (synth(403, "Access denied")); }
}
