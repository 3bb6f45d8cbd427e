"""Servers that nobody here wrote, on the loopback, each a process of its own."""

import shutil
import sys
from pathlib import Path

import pytest
import trustme

from .journal import PATIENCE
from .processes import Program, free_port
from .waiting import wait_for_port

NGINX = """
daemon off;
master_process off;
error_log stderr info;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/plain txt; application/octet-stream bin; }}
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{secure} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        root {root};
        location = /moved {{ return 302 /hello.txt; }}
        location = /elsewhere {{ return 302 ftp://example.com/; }}
        location = /round {{ return 307 /round; }}
        location = /echo {{
            default_type text/plain;
            return 200 "$request_method $content_type $content_length $http_x_kind";
        }}
        location = /early {{ return 444; }}
        location /chunked/ {{ alias {root}/; ssi on; ssi_types *; }}
    }}
}}
"""


class Nginx(Program):
    """Serves a folder over http (`port`) and https (`secure`)."""

    def __init__(self, folder: Path, root: Path, authority: trustme.CA) -> None:
        super().__init__()
        if shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
            pytest.skip("nginx is not installed")
        self.port, self.secure = free_port(), free_port()
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "server.key")
        for part in certificate.cert_chain_pems:
            part.write_to_path(folder / "server.pem", append=True)
        conf = folder / "nginx.conf"
        conf.write_text(NGINX.format(folder=folder, root=root, port=self.port, secure=self.secure))
        self.command = ["/usr/sbin/nginx", "-c", str(conf), "-p", str(folder)]

    def start(self) -> None:
        """Return once it takes connections."""
        super().start()
        wait_for_port(self.port, PATIENCE)


class PythonServer(Program):
    """`python -m http.server`."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.port = free_port()
        self.command = [
            *(sys.executable, "-m", "http.server", "--bind", "127.0.0.1"),
            *("--directory", str(root), str(self.port)),
        ]

    def start(self) -> None:
        """Return once it takes connections."""
        super().start()
        wait_for_port(self.port, PATIENCE)


class FtpServer(Program):
    """`pyftpdlib`, for a user who may write."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.port = free_port()
        self.command = [
            *(sys.executable, "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", str(self.port)),
            *("-w", "-d", str(root), "-u", "n11", "-P", "secret"),
        ]

    def start(self) -> None:
        """Return once it takes connections."""
        super().start()
        wait_for_port(self.port, PATIENCE)
