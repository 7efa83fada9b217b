"""Where the app listens, what protects the way to it, and whose word about that way it believes.

The command line hands this to the app's process in environment variables, which a service may set itself.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from study.database import StudyError

LOOPBACK = "127.0.0.1"
PORT = 8501
ADDRESS_VARIABLE = "READERSTUDY_ADDRESS"
CERTIFICATE_VARIABLE = "READERSTUDY_CERTIFICATE"
KEY_VARIABLE = "READERSTUDY_PRIVATE_KEY"
PROXY_VARIABLE = "READERSTUDY_PROXY"
URL_VARIABLE = "READERSTUDY_URL"


@dataclass(frozen=True)
class Serving:
    """The address and port; a certificate with its key, or proxies that speak HTTPS for the app; what readers type."""

    address: str = LOOPBACK
    port: int = PORT
    certificate: Path | None = None
    private_key: Path | None = None
    proxies: tuple[str, ...] = ()
    url: str | None = None

    def checked(self) -> Serving:
        """The same; raises ``StudyError`` where anything could travel in the clear, or a part is not usable."""
        _see_address(self.address)
        for proxy in self.proxies:
            _see_proxy(proxy)
        if (self.certificate is None) != (self.private_key is None):
            raise StudyError(
                "A certificate needs its private key: give both --certificate FILE and --private-key FILE."
            )
        if not is_loopback(self.address) and not self.protected:
            raise StudyError(
                f"The address {self.address} is reached from other machines, and plain HTTP would carry sessions and "
                "answers in the clear. Give --certificate FILE and --private-key FILE, or name the proxy that speaks "
                "HTTPS for the app: --proxy IP. For this machine alone, leave --address out."
            )
        if self.certificate and self.private_key:
            _see_certificate(self.certificate, self.private_key)
        if self.url is not None:
            _see_url(self.url, self.protected)
        return self

    @property
    def protected(self) -> bool:
        """Whether browsers reach the app by HTTPS."""
        return self.certificate is not None or bool(self.proxies)

    @property
    def base(self) -> str:
        """What a browser is to open; behind a proxy it is known only where ``url`` says it."""
        if self.url:
            return self.url.rstrip("/")
        if self.proxies:
            return "https://YOUR-SERVER"
        name = socket.gethostname() if self.address in ("0.0.0.0", "::") else self.address
        return f"{'https' if self.certificate else 'http'}://{_bracketed(name)}:{self.port}"

    @property
    def hosts(self) -> list[str]:
        """The host names that the app answers to; empty means any, where TLS or a proxy sees to the name."""
        if self.url:
            return [urlsplit(self.url).hostname or "", "localhost", LOOPBACK, "::1"]
        return [] if self.protected else ["localhost", LOOPBACK, "::1"]

    def environment(self) -> dict[str, str]:
        """The variables that say the same to another process; an empty one says nothing."""
        return {
            "PORT": str(self.port),
            ADDRESS_VARIABLE: self.address,
            CERTIFICATE_VARIABLE: str(self.certificate or ""),
            KEY_VARIABLE: str(self.private_key or ""),
            PROXY_VARIABLE: " ".join(self.proxies),
            URL_VARIABLE: self.url or "",
        }

    @classmethod
    def told(cls, environment: Mapping[str, str]) -> Serving:
        """What the variables say; the loopback address where they say nothing."""
        certificate, key = environment.get(CERTIFICATE_VARIABLE), environment.get(KEY_VARIABLE)
        return cls(
            address=environment.get(ADDRESS_VARIABLE) or LOOPBACK,
            port=int(environment.get("PORT") or PORT),
            certificate=Path(certificate) if certificate else None,
            private_key=Path(key) if key else None,
            proxies=tuple(environment.get(PROXY_VARIABLE, "").replace(",", " ").split()),
            url=environment.get(URL_VARIABLE) or None,
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this very machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _see_address(address: str) -> None:
    try:
        ipaddress.ip_address("127.0.0.1" if address == "localhost" else address)
    except ValueError:
        raise StudyError(
            f"--address {address} is not an IP address. Give the one to listen on, or 0.0.0.0 for all."
        ) from None


def _see_proxy(proxy: str) -> None:
    try:
        everybody = ipaddress.ip_network(proxy).prefixlen == 0
    except ValueError:
        raise StudyError(
            f"--proxy {proxy} is not an IP address or network. Give the address that the proxy's requests come from."
        ) from None
    if everybody:
        raise StudyError(f"--proxy {proxy} would believe everybody. Give the address of the proxy alone.")


def _see_certificate(certificate: Path, private_key: Path) -> None:
    for option, path in (("--certificate", certificate), ("--private-key", private_key)):
        try:
            path.open("rb").close()
        except OSError as fault:
            raise StudyError(f"{option} {path} cannot be read: {fault.strerror}.") from None
    try:
        # An encrypted key is tried without a password, so that nothing waits for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, private_key, password=lambda: b"")
    except (ssl.SSLError, ValueError) as fault:
        raise StudyError(
            f"The certificate {certificate} and the key {private_key} cannot be used together ({fault}). Both must be "
            "PEM files, the key without a password and made for this certificate."
        ) from None


def _see_url(url: str, protected: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise StudyError(f"--url {url} is not like https://study.example.org: HTTPS, a name, no path.")
    if not protected:
        raise StudyError(
            "--url is for an app that others reach: give --certificate and --private-key, or --proxy, too."
        )
