"""Whether names and hosts can be reached through the modem (manual 24.3, 24.4, 24.9)."""

import ipaddress
import re
from typing import Any

import voluptuous as vol

from n11bridge.at.command import Command, Ends, Reply, Setting
from n11bridge.at.errors import Refused
from n11bridge.at.wire import Keyword, Rest
from n11bridge.capability import Capability, Kept, Request, RequestError, request
from n11bridge.host import ModemLike
from n11bridge.payload import Field, Fields

#: A name no longer than the modem takes (manual 24.3), or an address.
HOST = vol.All(str, vol.Match(r"[A-Za-z0-9_.-]{1,250}\Z", msg="a host name or an IPv4 address"))


class Resolve(
    Command[list[str]],
    at="+DNS",
    manual="24.3",
    ends=Ends.OUTCOME,
    last=r"^\+DNS: *[A-Za-z].*|^ERROR$",
    timeout=60,
):
    """Which address has this host? Addresses come after the OK, one on a line, then `+DNS:OK`."""

    host: str


class Ping(
    Command[list[str]],
    at="+PING",
    manual="24.4",
    ends=Ends.OUTCOME,
    last=r"average delay *=|Received *= *0\b[^%]*%|^\+PING: *[A-Za-z].*|^ERROR$",
    timeout=60,
):
    """Send five packets to this host; plain lines tell what came back."""

    host: Keyword


class DnsServersNow(Reply, at="+DNSSERVER", manual="24.9"):
    """`dns1:<address>;dns2:<address>`."""

    text: Rest

    @property
    def addresses(self) -> list[str]:
        """Those that there are."""
        found = re.findall(r"dns[12]: *([0-9.]+)", self.text)
        return [address for address in found if address != "0.0.0.0"]


class DnsServers(Setting[DnsServersNow], at="+DNSSERVER", manual="24.9", ends=Ends.REPLY):
    """Who resolves names; the network names its own when the link is set up."""

    first: Keyword
    second: Keyword | None = None


def _address(value: Any) -> str:
    """An IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(value if isinstance(value, str) else None))
    except ValueError:
        raise vol.Invalid("expected an IPv4 address") from None


RESOLVED: Fields = {
    "host": Field(str, "www.example.com"),
    "addresses": Field([str], ["93.184.216.34"]),
}
STATISTICS: Fields = {
    "host": Field(str, "www.example.com"),
    "address": Field(vol.Maybe(str), "93.184.216.34"),
    "sent": Field(int, 5, "packets"),
    "received": Field(int, 5),
    "lost": Field(int, 0),
    "least": Field(vol.Maybe(float), 0.299, "shortest time there and back, in seconds"),
    "average": Field(vol.Maybe(float), 0.57, "mean time"),
    "most": Field(vol.Maybe(float), 0.78, "longest time"),
}
SERVERS: Fields = {"servers": Field([str], ["211.95.193.97"])}


async def resolve(modem: ModemLike, host: str) -> list[str]:
    """The addresses of a host, none if it has none; the link must be up. AtError."""
    try:
        lines = await modem.run(Resolve(host))
    except Refused as error:
        if error.line != "ERROR":
            raise
        return []
    return [m[1] for line in lines if (m := re.fullmatch(r"\+DNS: *\"?([0-9a-fA-F.:]+)\"?", line))]


async def replies(modem: ModemLike, host: str) -> bool:
    """Whether a ping comes back from a host; the link must be up. AtError."""
    lines = await modem.run(Ping(host))
    try:
        return bool(statistics(host, lines)["received"])
    except RequestError:
        return False


def statistics(host: str, lines: list[str]) -> dict[str, Any]:
    """What a ping's lines say; RequestError when they hold no statistics."""
    text = " ".join(lines)
    counts = re.search(r"Sent *= *(\d+).*?Received *= *(\d+).*?Los[et] *= *(\d+)", text)
    if counts is None:
        last = lines[-1] if lines else ""
        code = "unavailable" if "No PPP Link" in last else "modem_error"
        message = f"{host} cannot be pinged: is its name known, and the data link up?"
        raise RequestError(code, message, retryable=True, modem=last)
    address = re.search(r"(?:Reply from|statistics for) *(\d+\.\d+\.\d+\.\d+)", text)
    times = {
        name: re.search(rf"{word} delay *= *(\d+)|{word}_delay *= *(\d+)", text)
        for name, word in (("least", "min"), ("average", "average"), ("most", "max"))
    }
    sent, received, lost = (int(count) for count in counts.groups())
    return {
        "host": host,
        "address": address and address[1],
        "sent": sent,
        "received": received,
        "lost": lost,
        **{name: match and int(match[1] or match[2]) / 1000 for name, match in times.items()},
    }


class Diagnosis(Capability):
    """Questions that go over the data link, which is set up for them."""

    name = "diagnosis"

    @request(
        "resolve",
        {vol.Required("host"): HOST},
        kept=Kept.NOTHING,
        answer=RESOLVED,
        example={"host": "www.example.com"},
    )
    async def resolve(self, request: Request) -> dict[str, Any]:
        """Look up the addresses of a host, as the modem does (manual 24.3)."""
        host = request["host"]
        async with self.host.link.held("diagnosis"):
            addresses = await resolve(self.modem, host)
        if not addresses:
            raise RequestError("modem_error", f"the name {host} could not be resolved")
        return {"host": host, "addresses": addresses}

    @request(
        "ping",
        {vol.Required("host"): HOST},
        kept=Kept.NOTHING,
        answer=STATISTICS,
        example={"host": "www.example.com"},
    )
    async def ping(self, request: Request) -> dict[str, Any]:
        """Send five packets to a host and tell how many came back, and when (manual 24.4)."""
        host = request["host"]
        async with self.host.link.held("diagnosis"):
            lines = await self.modem.run(Ping(host))
        return statistics(host, lines)

    @request(
        "dns_servers",
        {vol.Optional("servers"): vol.All([_address], vol.Length(min=1, max=2))},
        kept=Kept.NOTHING,
        answer=SERVERS,
        example={"servers": ["9.9.9.9", "149.112.112.112"]},
    )
    async def dns_servers(self, request: Request) -> dict[str, Any]:
        """Tell which servers resolve names, having set them if some are given (manual 24.9)."""
        servers = request.get("servers")
        async with self.host.link.held("diagnosis"):
            if servers is not None:
                await self.modem.write(DnsServers(*servers))
            said = await self.modem.read(DnsServers)
        return {"servers": said.addresses}
