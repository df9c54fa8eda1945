"""A throw-away authority, and certificates of its own, for servers on loopback."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """A server's TLS context, one of HTTP/2, and a client's that trusts both."""

    server: ssl.SSLContext
    http2: ssl.SSLContext
    trusting: ssl.SSLContext
    pem: Path


def make_certificates(folder: Path) -> Certificates:
    """Make an authority, and a certificate of its for our test names."""
    _openssl(
        folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        " -keyout ca.key -out ca.pem -subj /CN=Authority"
        " -addext basicConstraints=critical,CA:TRUE"
        " -addext keyUsage=critical,keyCertSign",
    )
    _openssl(
        folder,
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        " -keyout server.key -out server.csr -subj /CN=news.test",
    )
    names = "DNS:news.test,DNS:xn--80aswg.test,IP:127.0.0.1"
    (folder / "names").write_text(f"subjectAltName={names}\n")
    _openssl(
        folder,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
        " -days 2 -extfile names -out server.pem",
    )
    server, http2 = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
    for context in (server, http2):
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
    http2.set_alpn_protocols(["h2"])
    trusting = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    return Certificates(
        server=server, http2=http2, trusting=trusting, pem=folder / "server.pem"
    )


def _openssl(folder: Path, arguments: str) -> None:
    command = ["openssl", *arguments.split()]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=30)
