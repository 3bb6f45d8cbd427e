"""The remote broker, as the modem's MQTT client reaches it."""

import contextlib
from typing import Any

from n11bridge.at.errors import AtError, Refused
from n11bridge.at.spelling import unknown
from n11bridge.capabilities.uplink import wire
from n11bridge.host import ModemLike

CONNECTED = 1
_TLS_1_2 = 3


class Remote:
    """One connection at most. ``settings`` are those of the configuration's section `uplink`."""

    def __init__(self, modem: ModemLike) -> None:
        self._modem = modem
        self._hexadecimal = False
        self.connected = False

    async def connect(self, settings: Any) -> None:
        """Connect anew; AtError, Unavailable."""
        await self.disconnect()
        # We connect again ourselves: only so it is known which subscriptions there are.
        await self._try(wire.Automatic(0))
        tls = settings.tls
        if tls is None:
            await self._try(wire.Mode(0))
        else:
            await self._modem.write(wire.Mode(1))
            await self._configure_tls(tls)
        username, password = settings.username, settings.password
        login = (username or wire.NOTHING, password or wire.NOTHING)
        await self._modem.run(wire.Login(settings.client_id, *login))
        if (will := settings.will) is not None:
            said = wire.Will(int(will.retain), will.qos, will.topic, will.message)
            await self._modem.run(said)
        server = f"{settings.host}:{settings.port}"
        await self._modem.run(wire.Connect(server, 0, settings.keepalive))
        self.connected = True
        await self._try(wire.State(1))

    async def _try(self, setting: Any) -> None:
        """Set what a modem that does not know it does without."""
        with contextlib.suppress(Refused):
            await self._modem.write(setting)

    async def _configure_tls(self, tls: Any) -> None:
        level = 2 if tls.certificate else 1 if tls.ca else 0
        await self._modem.write(wire.Tls("sslversion", _TLS_1_2))
        await self._modem.write(wire.Tls("authmode", level))
        files = {"cacert": tls.ca, "clientcert": tls.certificate, "clientkey": tls.key}
        for kind, name in files.items():
            if name:
                await self._modem.write(wire.TlsFile(kind, name))

    async def disconnect(self) -> None:
        """Let go of whatever connection there is; AtError, Unavailable."""
        self.connected = False
        with contextlib.suppress(Refused):
            await self._modem.run(wire.Disconnect())

    async def check(self) -> bool:
        """Whether the modem says that it is connected."""
        if self.connected:
            try:
                self.connected = (await self._modem.read(wire.State)).state == CONNECTED
            except AtError:
                self.connected = False
        return self.connected

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Publish, and return once the broker has it; AtError, Unavailable."""
        header = (int(retain), qos, topic)
        if not payload:
            await self._publish_nothing(header)
            return
        if not self._hexadecimal:
            try:
                await self._modem.send(wire.Publish(*header, len(payload)), payload)
            except Refused as error:
                if not unknown(error) or not await self.check():
                    raise
                await self._as_digits(header, payload, error)
                # A bare ERROR may have meant this message alone.
                self._hexadecimal = error.line != "ERROR"
        else:
            await self._as_digits(header, payload, None)

    async def _publish_nothing(self, header: tuple[int, int, str]) -> None:
        try:
            await self._modem.run(wire.PublishNothing(*header))
        except Refused as error:
            if not unknown(error) or not await self.check():
                raise
            await self._modem.run(wire.PublishText(*header, '""'))

    async def _as_digits(
        self, header: tuple[int, int, str], payload: bytes, error: Refused | None
    ) -> None:
        """Publish as a modem does that knows no other way; what is too long for it is refused."""
        if len(payload) > wire.LONGEST_HEX:
            raise error or Refused("+MQTTPUBIN: too long")
        digits = payload.hex().upper().encode()
        await self._modem.send(wire.PublishHex(*header, len(payload)), digits)
