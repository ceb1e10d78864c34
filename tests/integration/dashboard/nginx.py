"""The shipped configuration of nginx in front of servers of a test: as it is, but for addresses and certificate."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.stack import ports

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
SHIPPED = Path(__file__).parents[3] / "deploy" / "nginx" / "linernotes.conf"
NAME = "music.example"
START_SECONDS = 30
# What a distribution has around our file.
MAIN = """\
{user}
daemon off;
pid {folder}/nginx.pid;
events {{ worker_connections 1000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/linernotes.conf;
}}
"""


class Front(httpx.HTTPTransport):
    """A running nginx, to which every name leads."""

    def __init__(self, folder: Path, port: int, secure_port: int) -> None:
        self.trusted = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
        # Not 127.0.0.1, which is that of the proxy.
        super().__init__(verify=self.trusted, local_address="127.0.0.2")
        self.ports = {"http": port, "https": secure_port}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request as a browser would that found this host by DNS."""
        request.extensions["sni_hostname"] = request.url.host
        request.url = request.url.copy_with(host=ports.HOST, port=self.ports[request.url.scheme])
        return super().handle_request(request)

    def client(self, **options: object) -> httpx.Client:
        """Return a client of the site."""
        return httpx.Client(transport=self, base_url=f"https://{NAME}", timeout=60, **options)  # type: ignore[arg-type]

    def connect(self) -> ssl.SSLSocket:
        """Return a connection to the site."""
        plain = socket.create_connection((ports.HOST, self.ports["https"]), timeout=60)
        return self.trusted.wrap_socket(plain, server_hostname=NAME)


@contextmanager
def run_nginx(folder: Path, *, site_port: int, flower_port: int) -> Iterator[Front]:
    """Run nginx in front of a site and of Flower."""
    make_certificate(folder)
    port, secure_port = ports.choose(), ports.choose()
    configure(
        folder,
        {
            "listen 80;": f"listen {ports.HOST}:{port};",
            "listen 443 ": f"listen {ports.HOST}:{secure_port} ",
            "server 127.0.0.1:8004;": f"server 127.0.0.1:{site_port};",
            "server 127.0.0.1:5555;": f"server 127.0.0.1:{flower_port};",
            f"/etc/letsencrypt/live/{NAME}/fullchain.pem": f"{folder}/certificate.pem",
            f"/etc/letsencrypt/live/{NAME}/privkey.pem": f"{folder}/key.pem",
            "/var/www/acme": f"{folder}/acme",
        },
    )
    log = folder / "error.log"
    process = subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf"), "-e", str(log)])
    try:
        until = time.monotonic() + START_SECONDS
        while not ports.is_answering(secure_port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield Front(folder, port, secure_port)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def configure(folder: Path, places: dict[str, str]) -> None:
    """Write nginx.conf, and the shipped file with other addresses in their places."""
    # This host may have no IPv6.
    text = re.sub(r"^ *listen \[::\].*\n", "", SHIPPED.read_text(), flags=re.MULTILINE)
    for there, here in places.items():
        assert there in text
        text = text.replace(there, here)
    (folder / "linernotes.conf").write_text(text)
    # An ordinary user of nginx could not read what is in pytest's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))


def make_certificate(folder: Path) -> None:
    """Write a certificate for our name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(form[0]))
    (folder / "key.pem").write_bytes(key.private_bytes(*form))
