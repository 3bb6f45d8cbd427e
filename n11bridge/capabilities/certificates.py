"""Certificates and keys in the modem, for TLS and https (manual 10)."""

from typing import Any

import voluptuous as vol

from n11bridge import content
from n11bridge.at.command import Command, Ends, PayloadCommand, Reply
from n11bridge.at.errors import Refused
from n11bridge.at.wire import Keyword
from n11bridge.capability import Capability, Kept, Request, RequestError, request
from n11bridge.payload import Field, Fields

#: The manual gives no limit here; this is the most that is written into a file at once (22.1).
LARGEST = 16384
#: The name of a file in the modem (manual 22.1).
NAME = vol.All(
    str,
    vol.Match(r"[!#-~][ !#-~]{0,49}\Z", msg="1 to 50 plain characters, none a quotation mark"),
)


class Added(Reply, at="+CERTADD", manual="10.1"):
    """So many bytes were stored."""

    length: int
    result: Keyword


class Add(
    PayloadCommand[Added], at="+CERTADD", manual="10.1", ends=Ends.REPLY, pause=0.1, timeout=30
):
    """Store a certificate or a key under this name; its bytes follow the prompt."""

    name: str
    length: int


class Checked(Reply, at="+CERTCHECK", manual="10.2"):
    """It is there."""

    name: str
    result: Keyword


class Check(Command[Checked], at="+CERTCHECK", manual="10.2", ends=Ends.REPLY, timeout=5):
    """Is there one of this name?"""

    name: str


class Deleted(Reply, at="+CERTDEL", manual="10.3"):
    """It was there, and is no longer."""

    name: str
    result: Keyword


class Delete(Command[Deleted], at="+CERTDEL", manual="10.3", ends=Ends.REPLY, timeout=5):
    """Remove the one of this name."""

    name: str


STORED: Fields = {
    "name": Field(str, "ca.pem"),
    "size": Field(int, 1900, "bytes"),
}
PRESENCE: Fields = {
    "name": Field(str, "ca.pem"),
    "present": Field(bool, True),
}


class Certificates(Capability):
    """Files that `tls` and `http` name; the modem cannot list them."""

    name = "certificates"

    @request(
        "add",
        {vol.Required("name"): NAME, **content.parameters()},
        secret=True,
        answer=STORED,
        example={"name": "ca.pem", "text": "-----BEGIN CERTIFICATE-----\n..."},
    )
    async def add(self, request: Request) -> dict[str, Any]:
        """Store a certificate or a private key, as a rule in PEM, in place of one of this name."""
        name = request["name"]
        octets = content.required(request.parameters, least=1, most=LARGEST)
        try:
            said = await self.modem.send(Add(name, len(octets)), octets)
        except Refused:
            # Whether a file of that name is overwritten, the manual does not say.
            if not await self._delete(name):
                raise
            said = await self.modem.send(Add(name, len(octets)), octets)
        if said.result != "OK" or said.length != len(octets):
            message = f"the modem stored {said.length} of {len(octets)} bytes: {said.result}"
            raise RequestError("modem_error", message)
        return {"name": name, "size": said.length}

    @request(
        "check",
        {vol.Required("name"): NAME},
        kept=Kept.NOTHING,
        answer=PRESENCE,
        example={"name": "ca.pem"},
    )
    async def check(self, request: Request) -> dict[str, Any]:
        """Tell whether there is one of this name."""
        name = request["name"]
        try:
            said = await self.modem.run(Check(name))
        except Refused as error:
            if not _absent(error):
                raise
            return {"name": name, "present": False}
        return {"name": name, "present": said.result == "OK"}

    @request("delete", {vol.Required("name"): NAME}, answer=PRESENCE, example={"name": "ca.pem"})
    async def delete(self, request: Request) -> dict[str, Any]:
        """Remove the one of this name."""
        name = request["name"]
        if not await self._delete(name):
            raise RequestError("modem_error", f"the modem has no certificate named {name!r}")
        return {"name": name, "present": False}

    async def _delete(self, name: str) -> bool:
        try:
            said = await self.modem.run(Delete(name))
        except Refused as error:
            if not _absent(error):
                raise
            return False
        return said.result == "OK"


def _absent(error: Refused) -> bool:
    """Whether the modem said that there is no such file, and not that it does not understand."""
    return error.line.startswith("+CERT") or error.line == "ERROR"
