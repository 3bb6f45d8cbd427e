"""Why no connection came about: a code for programs and a sentence for people."""

import socket
import ssl

from n11bridge.config import Mqtt


class Refused(Exception):
    """No connection came about: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownProtocol(Refused):
    """The broker does not seem to speak this version of MQTT."""


def unreachable(settings: Mqtt, error: Exception) -> Refused:
    """Say why the broker was not reached, from what the attempt raised."""
    where = f"{settings.host}:{settings.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"The certificate of {where} is not trusted: {error.verify_message}; see mqtt.tls.ca."
        return Refused("broker_tls", why)
    if isinstance(error, ssl.SSLError):
        return Refused("broker_tls", f"TLS with {where} fails: {error.reason or error}.")
    if isinstance(error, socket.gaierror):
        why = f"The broker's name {settings.host} cannot be looked up: {error.strerror}."
        return Refused("broker_unreachable", why)
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Refused("broker_unreachable", f"The broker {where} cannot be reached: {reason}.")


def turned_down(reason: str, protocol: str, will_topic: str) -> Refused:
    """Say what the reason of a CONNACK means (MQTT 5, 3.2.2.2; 3.1.1's are mapped to it)."""
    if reason == "Unsupported protocol version":
        return UnknownProtocol("broker_refused", f"The broker does not speak MQTT {protocol}.")
    if reason in ("Bad user name or password", "Not authorized"):
        why = (
            f"The broker refuses us ({reason}): check mqtt.username and mqtt.password, and that "
            f"its access list lets us write {will_topic}."
        )
        return Refused("broker_refused", why)
    return Refused("broker_refused", f"The broker refuses the connection: {reason}.")


def tls_context(settings: Mqtt) -> ssl.SSLContext | None:
    """Return how to encrypt, None for not at all; raises Refused if a file is of no use."""
    tls = settings.tls
    if tls is None:
        return None
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        if tls.certificate is not None:
            # Without a password an encrypted key would ask for one at the terminal.
            context.load_cert_chain(tls.certificate, tls.key, password="")
    except OSError as error:
        why = f"The files of mqtt.tls are of no use: {error.strerror or error}."
        raise Refused("broker_tls", why) from error
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
