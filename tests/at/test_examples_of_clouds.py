"""The manual's own examples of the MQTT client (chapter 18), and the readings they leave."""

from typing import Any

import pytest

from n11bridge.at.command import Report
from n11bridge.at.errors import Refused
from n11bridge.capabilities.uplink import wire as mqtt

from .dialogue import FRAMINGS, Framing, Heard, Transcript, bytewise, play, turns, whole

REPORTS: list[type[Report]] = [
    record
    for wire in (mqtt,)
    for record in vars(wire).values()
    if isinstance(record, type) and issubclass(record, Report) and hasattr(record, "at")
]
SECRET = "01SoY/eYnlSqUeAsbAKKQ/ACmipZwEw9H7Ff0h1kOps="
SUBSCRIBE = mqtt.Subscribe("lixystopic", 1).exchange()
LOGIN = mqtt.Login("23342423b", "lixystest/thing01", SECRET).exchange()
PUBLISH = mqtt.Publish(1, 1, "/hhh2", 20).payload_exchange(b"01234567890123456789")
HEX = mqtt.PublishHex(0, 1, "lixxytopic", 10).payload_exchange(b"30313233343536373839")
SERVER = "lixystest.mqtt.iot.gz.baidubce.com:1883"

TRANSCRIPTS = {
    "18.1 who we are": Transcript(
        LOGIN, f'> AT+MQTTCONNPARAM="23342423b","lixystest/thing01","{SECRET}"\n< OK'
    ),
    "18.2 the will": Transcript(
        mqtt.Will(0, 1, "lixxytopic", "byby").exchange(),
        '> AT+MQTTWILLPARAM=0,1,"lixxytopic",byby\n< OK',
    ),
    "18.3 connected": Transcript(
        mqtt.Connect(SERVER, 0, 60).exchange(), f'> AT+MQTTCONN="{SERVER}",0,60\n< OK'
    ),
    "18.3 not connected": Transcript(
        mqtt.Connect(SERVER, 0, 60).exchange(),
        f'> AT+MQTTCONN="{SERVER}",0,60\n< ERROR',
        refused="ERROR",
    ),
    "18.4 subscribed": Transcript(SUBSCRIBE, '> AT+MQTTSUB="lixystopic",1\n< OK'),
    "18.4 a retained message follows": Transcript(
        SUBSCRIBE,
        """
        > AT+MQTTSUB="lixystopic",1
        < +MQTTSUB:2,"lixystopic",5,12345
        < OK
        """,
        reports=(mqtt.Received(2, "lixystopic", 5, b"12345"),),
    ),
    "18.5 not subscribed any more": Transcript(
        mqtt.Unsubscribe("/lixystopic").exchange(), '> AT+MQTTUNSUB="/lixystopic"\n< OK'
    ),
    "18.6 published": Transcript(
        mqtt.PublishText(0, 1, "lixystopic", "12345").exchange(),
        '> AT+MQTTPUB=0,1,"lixystopic",12345\n< OK',
    ),
    "18.6 not with QoS 2": Transcript(
        mqtt.PublishText(0, 2, "lixystopic", "12345").exchange(),
        '> AT+MQTTPUB=0,2,"lixystopic",12345\n< ERROR',
        refused="ERROR",
    ),
    "18.7 in digits": Transcript(
        HEX, '> AT+MQTTPUBIN=0,1,"lixxytopic",10\n< >\n> 30313233343536373839\n< OK'
    ),
    "18.8 long": Transcript(
        PUBLISH, '> AT+MQTTPUBS=1,1,"/hhh2",20\n< >\n> 01234567890123456789\n< OK'
    ),
    "18.8 a message comes meanwhile": Transcript(
        PUBLISH,
        """
        > AT+MQTTPUBS=1,1,"/hhh2",20
        < >
        > 01234567890123456789
        < +MQTTSUB:2,"lixxytopic",8,1\\r\\nOK\\r\\n2
        < OK
        """,
        reports=(mqtt.Received(2, "lixxytopic", 8, b"1\r\nOK\r\n2"),),
    ),
    "18.8 not connected": Transcript(
        PUBLISH, '> AT+MQTTPUBS=1,1,"/hhh2",20\n< ERROR', refused="ERROR"
    ),
    "18.9 disconnected": Transcript(mqtt.Disconnect().exchange(), "> AT+MQTTDISCONN\n< OK"),
    "18.9 disconnected already": Transcript(
        mqtt.Disconnect().exchange(), "> AT+MQTTDISCONN\n< ERROR", refused="ERROR"
    ),
    "18.10 a message": Transcript(
        mqtt.State.query(),
        """
        > AT+MQTTSTATE?
        < +MQTTSUB:2,"lixxytopic",5,12345
        < +MQTTSTATE: 1
        < OK
        """,
        mqtt.StateNow(1),
        reports=(mqtt.Received(2, "lixxytopic", 5, b"12345"),),
    ),
    "18.11 changes are told": Transcript(
        mqtt.State(1).set(),
        """
        > AT+MQTTSTATE=1
        < OK
        < +MQTTSTATEURC: 2
        < +MQTTSTATEURC: 1
        """,
        reports=(mqtt.StateChanged(2), mqtt.StateChanged(1)),
    ),
    "18.12 over TLS": Transcript(mqtt.Mode(1).set(), "> AT+MQTTMODE=1\n< OK"),
    "18.13 a certificate": Transcript(
        mqtt.TlsFile("cacert", "ca_cert.pem").set(), '> AT+MQTTCFG="cacert","ca_cert.pem"\n< OK'
    ),
    "18.13 a number": Transcript(mqtt.Tls("authmode", 1).set(), '> AT+MQTTCFG="authmode",1\n< OK'),
    "18.14 not by itself": Transcript(mqtt.Automatic(0).set(), "> AT+MQTTAUTORECON=0\n< OK"),
    "18.14 is it by itself": Transcript(
        mqtt.Automatic.query(),
        """
        > AT+MQTTAUTORECON?
        < +MQTTAUTORECON: 0
        < OK
        < +MQTTDISCONNECTED: LINK CLOSED
        """,
        mqtt.AutomaticNow(0),
        reports=(mqtt.Disconnected("LINK CLOSED"),),
    ),
}


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_what_the_manual_shows_is_understood(transcript: Transcript, framing: Framing) -> None:
    script = turns(transcript.text, framing)
    result: Any = transcript.result
    if transcript.refused is not None:
        result = (Refused, transcript.refused)
    expected = Heard([result], list(transcript.reports), list(transcript.unknown))
    for cut in (whole, bytewise):
        assert play(transcript.exchange, script, cut(script), REPORTS) == expected
