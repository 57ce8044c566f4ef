"""Badly configured servers from Debian, each on a port of loopback, each wrong in a known way."""

import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HOST = "www.example.test"
AEAD = "ECDHE+AESGCM:ECDHE+CHACHA20"
EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
IDS = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
YEAR = "max-age=31536000; includeSubDomains"


def sh(*command, cwd=None, **more):
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, **more)


class Authority:
    """A root, an intermediate below it, and certificates that are wrong in one way each."""

    def __init__(self, folder: Path):
        self.folder = folder
        # Older than every certificate below them.
        self.make("root", "/CN=Test root", ["-x509", "-days", "3650", "-addext", "keyUsage=critical,keyCertSign"],
                  "rsa:2048", ago=400)
        self.sign("middle", "root", 1500, "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n" + IDS, ago=400)

    def make(self, name, subject, more, key, ago=0):
        past = ["faketime", "-f", f"-{ago}d"] if ago else []
        sh(*past, "openssl", "req", "-newkey", key, "-nodes", "-keyout", f"{name}.key", "-out",
           f"{name}.{'pem' if '-x509' in more else 'csr'}", "-subj", subject, *more, cwd=self.folder)

    def sign(self, name, issuer, days, extensions, key="rsa:2048", digest="sha256", ago=0, more=()):
        self.make(name, f"/CN={name}", list(more), key)
        (self.folder / f"{name}.ext").write_text(extensions + "\n")
        command = ["openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey",
                   f"{issuer}.key", "-CAcreateserial", "-out", f"{name}.pem", "-days", str(days),
                   f"-{digest}", "-extfile", f"{name}.ext"]
        if ago:
            command = ["faketime", "-f", f"-{ago}d"] + command
        sh(*command, cwd=self.folder)

    def leaf(self, kind):
        """PEM files of a chain and of its key."""
        chain, key = self.folder / f"{kind}.chain", self.folder / f"{kind}.key"
        if chain.exists():
            return chain, key
        names = "" if kind == "noname" else f"subjectAltName=DNS:{'other.test' if kind == 'other' else HOST}\n"
        extensions = (names + IDS + "keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\nauthorityInfoAccess="
                      "caIssuers;URI:http://ca.example.test/middle.cer,OCSP;URI:http://ca.example.test/ocsp")
        if kind == "self":
            self.make(kind, f"/CN={HOST}", ["-x509", "-days", "90", "-addext", f"subjectAltName=DNS:{HOST}"],
                      "rsa:2048")
            parts = [kind]
        else:
            self.sign(kind, "middle", 900 if kind == "long" else 90, extensions,
                      key={"short": "rsa:1024", "ec": "ec"}.get(kind, "rsa:2048"),
                      digest="sha1" if kind == "sha1" else "sha256",
                      ago=200 if kind == "expired" else 0,
                      more=("-pkeyopt", "ec_paramgen_curve:P-256") if kind == "ec" else ())
            parts = {"alone": [kind], "mixed": [kind, "root", "middle"]}.get(kind, [kind, "middle"])
        chain.write_text("".join((self.folder / f"{part}.pem").read_text() for part in parts))
        return chain, key


# name, server, certificate, versions, suites, HSTS fields, more
CASES = [
    ("sound", "nginx", "good", "TLSv1.2 TLSv1.3", AEAD, [YEAR], {}),
    ("everything on", "nginx", "good", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", EVERYTHING, [], {}),
    ("TLS 1.0 and 1.1 only", "nginx", "good", "TLSv1 TLSv1.1", "ALL:@SECLEVEL=0", [], {}),
    ("TLS 1.3 only", "nginx", "good", "TLSv1.3", AEAD, [YEAR], {}),
    ("static RSA only", "nginx", "good", "TLSv1.2", "AES128-GCM-SHA256:AES256-SHA", [YEAR], {}),
    ("CBC only", "nginx", "good", "TLSv1.2", "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384", [YEAR], {}),
    ("prime of 1024 bits", "nginx", "good", "TLSv1.2", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", [YEAR], {"dh": 1024}),
    ("RSA key of 1024 bits", "nginx", "short", "TLSv1.2 TLSv1.3", AEAD + ":@SECLEVEL=0", [YEAR], {}),
    ("signed with SHA-1", "nginx", "sha1", "TLSv1.2 TLSv1.3", AEAD + ":@SECLEVEL=0", [YEAR], {}),
    ("chain incomplete", "nginx", "alone", "TLSv1.2 TLSv1.3", AEAD, [YEAR], {}),
    ("chain out of order", "nginx", "mixed", "TLSv1.2 TLSv1.3", AEAD, [YEAR], {}),
    ("900 days", "nginx", "long", "TLSv1.2 TLSv1.3", AEAD, [YEAR], {}),
    ("HSTS badly written", "nginx", "good", "TLSv1.2 TLSv1.3", AEAD, ["includeSubDomains"], {}),
    ("TLS 1.1, client's order", "apache", "good", "-all +TLSv1.1 +TLSv1.2", "ECDHE:RSA:!aNULL:@SECLEVEL=0", [], {}),
    ("HSTS of five minutes", "apache", "good", "-all +TLSv1.2 +TLSv1.3", AEAD, ["max-age=300"], {}),
    ("HSTS twice", "apache", "good", "-all +TLSv1.2 +TLSv1.3", AEAD, ["max-age=300", YEAR], {}),
    ("HSTS of zero", "apache", "good", "-all +TLSv1.2 +TLSv1.3", AEAD, ["max-age=0"], {}),
    ("expired", "haproxy", "expired", "TLSv1.2 TLSv1.3", AEAD, [YEAR], {}),
    ("another name", "haproxy", "other", "TLSv1.2 TLSv1.3", AEAD, [YEAR], {}),
    ("self-signed", "haproxy", "self", "TLSv1.2 TLSv1.3", AEAD, [YEAR], {}),
    ("ECDSA, no TLS 1.3", "haproxy", "ec", "TLSv1.2 TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", [YEAR], {}),
    ("static RSA and CBC", "caddy", "good", "tls1.2 tls1.2",
     "TLS_RSA_WITH_AES_256_GCM_SHA384 TLS_RSA_WITH_AES_128_CBC_SHA TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", [YEAR], {}),
    ("P-521 alone, HSTS of a day", "caddy", "good", "tls1.2 tls1.3", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
     ["max-age=86400"], {"groups": "secp521r1"}),
    ("self-signed, no TLS 1.2", "caddy", "self", "tls1.3 tls1.3", "", [], {}),
    ("NULL and anonymous", "openssl", "good", "-tls1_2", "NULL:aNULL:@SECLEVEL=0", [], {}),
    ("curve of 192 bits", "openssl", "good", "-tls1_2", "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", [], {"groups": "P-192"}),
]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def nginx(folder, port, chain, key, versions, suites, hsts, more):
    fields = "\n".join(f'add_header Strict-Transport-Security "{value}" always;' for value in hsts)
    dh = ""
    if "dh" in more:
        # A prime of RFC 2409 takes no time to make.
        sh("openssl", "dhparam", "-dsaparam", "-out", "dh.pem", str(more["dh"]), cwd=folder)
        dh = f"ssl_dhparam {folder}/dh.pem;"
    (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; default_type text/html; server_tokens off;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key};
    ssl_protocols {versions}; ssl_ciphers {suites}; ssl_prefer_server_ciphers on; {dh}
    {fields}
    location / {{ return 200 "<p>a page</p>"; }}
  }}
}}""")
    return ["/usr/sbin/nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def apache(folder, port, chain, key, versions, suites, hsts, more):
    modules = "/usr/lib/apache2/modules"
    fields = "\n".join(f'Header always add Strict-Transport-Security "{value}"' for value in hsts)
    (folder / "index.html").write_text("<p>a page</p>")
    (folder / "httpd.conf").write_text("\n".join(
        [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in
         ("mpm_event", "ssl", "headers", "mime", "dir", "authz_core", "socache_shmcb")] + [f"""
ServerRoot {folder}
ServerName {HOST}
PidFile {folder}/httpd.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
TypesConfig /etc/mime.types
DocumentRoot {folder}
<Directory {folder}>
  Require all granted
</Directory>
SSLEngine on
SSLCertificateFile {chain}
SSLCertificateKeyFile {key}
SSLProtocol {versions}
SSLCipherSuite {suites}
{fields}"""]))
    return ["/usr/sbin/apache2", "-X", "-f", str(folder / "httpd.conf")]


def haproxy(folder, port, chain, key, versions, suites, hsts, more):
    (folder / "site.pem").write_text(chain.read_text() + key.read_text())
    least, most = versions.split()
    fields = "\n  ".join(f'http-after-response add-header Strict-Transport-Security "{value}"' for value in hsts)
    (folder / "haproxy.cfg").write_text(f"""
global
  maxconn 200
defaults
  mode http
  timeout client 10s
  timeout connect 5s
  timeout server 5s
frontend site
  bind 127.0.0.1:{port} ssl crt {folder}/site.pem ssl-min-ver {least} ssl-max-ver {most} ciphers {suites}
  {fields}
  http-request return status 200 content-type text/html string "<p>a page</p>"
""")
    return ["/usr/sbin/haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


def caddy(folder, port, chain, key, versions, suites, hsts, more):
    fields = "\n  ".join(f'header +Strict-Transport-Security "{value}"' for value in hsts)
    ciphers = f"ciphers {suites}" if suites else ""
    curves = f"curves {more['groups']}" if "groups" in more else ""
    (folder / "Caddyfile").write_text(f"""{{
  admin off
  auto_https off
}}
https://{HOST}:{port} {{
  bind 127.0.0.1
  tls {chain} {key} {{
    protocols {versions}
    {ciphers}
    {curves}
  }}
  {fields}
  header Content-Type text/html
  respond "<p>a page</p>"
}}
""")
    return ["/usr/bin/caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def openssl(folder, port, chain, key, versions, suites, hsts, more):
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(chain), "-cert_chain",
               str(chain.parent / "middle.pem"),
               "-key", str(key), versions, "-cipher", suites, "-www", "-quiet"]
    if "groups" in more:
        command += ["-groups", more["groups"]]
    return command


class Server:
    """One case, running."""

    def __init__(self, authority, case):
        name, program, certificate, versions, suites, hsts, more = case
        self.name, self.program, self.port = name, program, free_port()
        self.is_about_tls = certificate in ("good", "ec") and hsts in ([], [YEAR])
        self.folder = Path(tempfile.mkdtemp(prefix="case-", dir=authority.folder))
        chain, key = authority.leaf(certificate)
        command = globals()[program](self.folder, self.port, chain, key, versions, suites, hsts, more)
        log = open(self.folder / "log", "w")
        # The system's own limits on old versions are not in the way here.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                        env={**os.environ, "OPENSSL_CONF": "/dev/null",
                                             "XDG_CONFIG_HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)})
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{name}: {program} does not start: {(self.folder / 'log').read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
