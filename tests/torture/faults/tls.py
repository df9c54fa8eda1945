"""Certificates for the faults of TLS, made with openssl."""

import ssl
import subprocess
from pathlib import Path

_CONFIG = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
subjectAltName = {names}
"""
_MANY_NAMES = 10_000


class Authority:
    """A certificate authority in a folder; `certificate` is to be believed or not."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make its key and certificate."""
        self._folder = folder
        self.certificate = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        (folder / f"{name}.cnf").write_text(_CONFIG.format(names="DNS:none.test"))
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "30", "-subj", f"/CN={name}", "-extensions", "ca"),
            *("-config", folder / f"{name}.cnf"),
            *("-keyout", self._key, "-out", self.certificate),
        )

    def sign(self, label: str, names: list[str], *dates: str) -> ssl.SSLContext:
        """Return a server's context with a certificate for these names.

        Args:
            label: Names the files.
            names: Of the host.
            dates: Further arguments of `openssl x509`, such as its days.
        """
        folder = self._folder
        config, key = folder / f"{label}.cnf", folder / f"{label}.key"
        request, chain = folder / f"{label}.csr", folder / f"{label}.pem"
        config.write_text(_CONFIG.format(names=",".join(f"DNS:{n}" for n in names)))
        _openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", "/CN=leaf", "-config", config, "-keyout", key, "-out", request),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-CA", self.certificate),
            *("-CAkey", self._key, "-CAcreateserial", *(dates or ("-days", "30"))),
            *("-extfile", config, "-extensions", "leaf", "-out", chain),
        )
        return _context(chain, key)

    def itself(self) -> ssl.SSLContext:
        """Return a context that shows the authority's own certificate."""
        return _context(self.certificate, self._key)


def contexts(
    authority: Authority, stranger: Authority, hosts: dict[str, str]
) -> dict[str, ssl.SSLContext]:
    """Return a context for each host, by the name of its fault.

    Args:
        authority: Whom the service believes.
        stranger: Whom it does not.
        hosts: The name of the fault (`good`, `expired`, ...) by host.
    """
    made = {}
    for host, fault in hosts.items():
        label = host.removesuffix(".test")
        match fault:
            case "expired":
                made[host] = authority.sign(label, [host], "-days", "-1")
            case "wrong host":
                made[host] = authority.sign(label, ["other.test"])
            case "self-signed":
                made[host] = stranger.itself()
            case "unknown authority":
                made[host] = stranger.sign(label, [host])
            case "many names":
                many = [f"n{n}.{host}" for n in range(_MANY_NAMES)]
                made[host] = authority.sign(label, [*many, host])
            case _:
                made[host] = authority.sign(label, [host])
        if fault == "old":
            made[host].set_ciphers("ALL:@SECLEVEL=0")
            made[host].minimum_version = ssl.TLSVersion.TLSv1
            made[host].maximum_version = ssl.TLSVersion.TLSv1
        if fault == "unknown name":
            made[host].sni_callback = _no_such_name
    return made


def _no_such_name(*_: object) -> int:
    return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


def _context(chain: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
