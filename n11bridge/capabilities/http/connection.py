"""One connection after the other to a server, through the modem (manual 16, 17)."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from n11bridge.at.errors import AtError, Refused, TimedOut, Unavailable
from n11bridge.at.spelling import Spelling
from n11bridge.capabilities.diagnosis import resolve
from n11bridge.capabilities.http import wire
from n11bridge.capabilities.http.asking import Asked, Place, Told, told
from n11bridge.capabilities.http.reader import Reader
from n11bridge.capability import RequestError
from n11bridge.host import LinkLike, ModemLike, Trust


class Dialect:
    """How the commands of http, or of https, are spelt."""

    act: Spelling[Any]
    act_with: Spelling[Any]
    close: tuple[type[wire.Close], ...]

    def __init__(self, *, secure: bool) -> None:
        if secure:
            self.parameter = Spelling(wire.SecureParameter, wire.SecureParameterAsPrinted)
            self.connect = Spelling(wire.SecureConnect, wire.SecureConnectAsPrinted)
            self.act = Spelling(wire.SecureAct)
            self.act_with = Spelling(wire.SecureActWith)
            self.close = (wire.SecureClose, wire.Close, wire.SecureCloseAsPrinted)
        else:
            self.parameter = Spelling(wire.Parameter, wire.ParameterAsPrinted)
            self.connect = Spelling(wire.Connect, wire.ConnectAsPrinted)
            self.act = Spelling(wire.Act, wire.ActAsPrinted)
            self.act_with = Spelling(wire.ActWith, wire.ActWithAsPrinted)
            self.close = (wire.Close,)


class Connector:
    """Carries out one request at a time; the link must be up, and stay so."""

    def __init__(self, modem: ModemLike, link: LinkLike) -> None:
        self._modem = modem
        self._link = link
        self._dialects = {secure: Dialect(secure=secure) for secure in (False, True)}
        self._option = Spelling(wire.Option, wire.OptionAsPrinted)
        self._file = Spelling(wire.FileOption, wire.FileOptionAsPrinted)

    async def close_all(self) -> None:
        """Close what an earlier run may have left open."""
        for name in dict.fromkeys(n for each in self._dialects.values() for n in each.close):
            with suppress(Refused):
                await self._modem.run(name())

    async def fetch(self, asked: Asked, trust: Trust, patience: float, most: int) -> Reader:
        """Ask a server; what it answered is in the reader. RequestError, AtError."""
        words = told(asked)
        place = asked.place
        dialect = self._dialects[place.secure]
        await self._go_to(dialect, place, words, trust)
        reader = Reader(asked.method, f"AT{dialect.close[0].at}", patience, most)
        try:
            await self._ask(dialect, words, reader)
        except Refused as error:
            if "DISCONNECTION" in error.line:
                raise self._link_lost(error) from error
            message = f"the modem did not send the request: {error}"
            raise RequestError("modem_error", message, retryable=True, modem=error.line) from error
        finally:
            if not reader.closed:
                with suppress(AtError, Unavailable):
                    await self._close(dialect.close)
        return reader

    async def _go_to(self, dialect: Dialect, place: Place, words: Told, trust: Trust) -> None:
        if place.secure:
            await self._secure(trust)
        await self._run(dialect.parameter, "url", words.url)
        await self._run(dialect.parameter, "port", str(place.port))
        try:
            await self._run(dialect.connect)
        except Refused as error:
            await self._close(dialect.close)
            if not await self._link.check():
                raise self._link_lost(error) from error
            message = await self._why(dialect, place, trust)
            raise RequestError("modem_error", message, retryable=True, modem=error.line) from error
        except TimedOut as error:
            await self._close(dialect.close)
            message = f"{place.host} did not answer at port {place.port}"
            raise RequestError("timeout", message, retryable=True) from error

    def _link_lost(self, error: Refused) -> RequestError:
        self._link.lost()
        message = "the data link was lost"
        return RequestError("unavailable", message, retryable=True, modem=error.line)

    async def _run(self, spelling: Spelling[Any], *values: Any) -> None:
        await spelling.attempt(lambda record: self._modem.run(record(*values)))

    async def _ask(self, dialect: Dialect, words: Told, reader: Reader) -> None:
        payload = words.payload
        spelling = dialect.act if payload is None else dialect.act_with
        more = () if payload is None else (len(payload), words.type)
        await spelling.attempt(
            lambda record: self._modem.pour(record(words.mode, *more), reader, payload)
        )

    async def _secure(self, trust: Trust) -> None:
        await self._run(self._option, "sslversion", wire.TLS_1_2)
        await self._run(self._option, "authmode", trust.mode)
        files = {"cacert": trust.ca, "clientcert": trust.certificate, "clientkey": trust.key}
        for name, file in files.items():
            if file is not None:
                await self._run(self._file, name, file)

    async def _close(self, names: Iterable[type[wire.Close]]) -> None:
        """Close the connection, by whichever name the modem knows this."""
        for name in names:
            try:
                await self._modem.run(name())
            except Refused:
                continue
            return

    async def _why(self, dialect: Dialect, place: Place, trust: Trust) -> str:
        """Why there is no connection: the modem says only ERROR."""
        if not place.host.replace(".", "").isdigit():
            with suppress(AtError):
                if not await resolve(self._modem, place.host):
                    return f"the name {place.host} could not be resolved"
        if trust.mode:
            with suppress(AtError):
                await self._secure(Trust())
                await self._run(dialect.connect)
                await self._close(dialect.close)
                return f"{place.host} or its certificate is not trusted, or ours is not"
        reason = "it does not answer there, or refuses"
        if place.secure:
            reason += ", or speaks no TLS that the modem understands"
        return f"no connection to {place.host} port {place.port}: {reason}"
