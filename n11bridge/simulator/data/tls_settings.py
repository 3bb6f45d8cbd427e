"""How TLS is configured, the same for sockets and HTTPS, and done (manual 9.1, 17.6)."""

from __future__ import annotations

import ssl
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..commands import Commands, Form, Lines, Request
from ..errors import INVALID, Refused
from ..settings import SslSettings

if TYPE_CHECKING:
    from ..modem import Modem

_NUMBERS = {"sslversion": range(4), "authmode": range(3)}
_STRINGS = ("ciphersuite", "cacert", "clientcert", "clientkey")
_VERSIONS = {1: ssl.TLSVersion.TLSv1, 2: ssl.TLSVersion.TLSv1_1, 3: ssl.TLSVersion.TLSv1_2}
_VERIFIES, _SHOWS = 1, 2


def register(commands: Commands, name: str, attribute: str) -> None:
    """Register Set, Query and Test of the TLS settings that bear this name."""

    def change(modem: Modem, request: Request) -> Lines:
        kind = request.string(0)
        settings: SslSettings = getattr(modem.settings, attribute)
        if kind in _NUMBERS:
            setattr(settings, kind, request.number(1, _NUMBERS[kind]))
        elif kind in _STRINGS:
            setattr(settings, kind, request.string(1))
        else:
            raise Refused(INVALID)
        return []

    def query(modem: Modem, _request: Request) -> Lines:
        settings: SslSettings = getattr(modem.settings, attribute)
        values = (getattr(settings, kind) for kind in (*_NUMBERS, *_STRINGS))
        return [f"{name}: {','.join(map(str, values))}"]

    commands[name, Form.SET] = change
    commands[name, Form.QUERY] = query
    commands[name, Form.TEST] = lambda _modem, _request: [f"{name}: <type>,<type_name>"]


def context(settings: SslSettings, certificates: Mapping[str, bytes]) -> ssl.SSLContext:
    """Return what TLS needs for one connection; SSLError where the settings make no sense."""
    if settings.sslversion not in _VERSIONS:
        raise ssl.SSLError("SSL 3.0 is broken, and nobody speaks it any more")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False  # the modem only looks at who signed the certificate
    made.verify_mode = ssl.CERT_REQUIRED if settings.authmode >= _VERIFIES else ssl.CERT_NONE
    made.set_ciphers("DEFAULT:@SECLEVEL=0")  # as TLS 1.0 needs it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version = made.maximum_version = _VERSIONS[settings.sslversion]
    if settings.authmode >= _VERIFIES:
        made.load_verify_locations(cadata=_readable(certificates.get(settings.cacert, b"")))
    if settings.authmode == _SHOWS and settings.clientcert:
        with tempfile.TemporaryDirectory() as folder:
            names = (settings.clientcert, settings.clientkey)
            paths = [Path(folder, str(number)) for number in range(2)]
            for path, name in zip(paths, names, strict=True):
                path.write_bytes(certificates.get(name, b""))
            made.load_cert_chain(paths[0], paths[1])
    return made


def _readable(certificate: bytes) -> str | bytes:
    """Return a certificate as ``ssl`` takes it: PEM is text, DER is bytes; SSLError without one."""
    if not certificate:
        raise ssl.SSLCertVerificationError("there is no such certificate in the modem")
    if b"-----BEGIN" in certificate:
        return certificate.decode("ascii", "replace")
    return certificate
