"""The manual's own examples of https, and of data that come over TLS (chapters 9, 16, 17)."""

import pytest

from n11bridge.capabilities import CAPABILITIES
from n11bridge.capabilities.http import wire as http
from n11bridge.internet import wire

from .dialogue import FRAMINGS, Framing, Transcript, assert_understood

REPORTS = {report for capability in CAPABILITIES for report, _ in capability.reports()}

TWENTY = b"12345678901234567890"
SEND_TLS = wire.SendTls(1, 20).payload_exchange(TWENTY)

EXAMPLES = {
    "9.3 and 9.5 closed by the other side behind its data": Transcript(
        SEND_TLS,
        """
        > AT+SSLTCPSEND=1,20
        < +SSLTCPRECV: 1,20,12345678901234567890
        < +SSLTCPCLOSE: 0,Link Closed
        < >
        > 12345678901234567890
        < OK
        < +SSLTCPSEND: 1,20
        """,
        wire.SentTls(1, "20"),
        reports=(wire.ReceivedTls(1, 20, TWENTY), wire.TlsPeerClosed(0, "Link Closed")),
    ),
    "9.5 data": Transcript(
        wire.CloseTls(0).exchange(),
        "> AT+SSLTCPCLOSE=0\n< +SSLTCPRECV: 1,5,\\r\\nOK\\r\n< +SSLTCPCLOSE: 0,OK",
        wire.ClosedTls(0, "OK"),
        reports=(wire.ReceivedTls(1, 5, b"\r\nOK\r"),),
    ),
    "16.3 not connected": Transcript(
        http.ActAsPrinted(0).exchange(), "> AT+HTTTPACTION=0\n< ERROR", refused="ERROR"
    ),
    "16.6 closed": Transcript(
        http.Connect().exchange(),
        "> AT+HTTPSETUP\n< OK\n< +HTTPCLOSED: HTTP Link Closed",
        reports=(http.Closed("HTTP Link Closed"),),
    ),
    "17.1": Transcript(
        http.SecureParameter("url", "www.neoway.com.cn/en/index.aspx").exchange(),
        "> AT+HTTPSPARA=url,www.neoway.com.cn/en/index.aspx\n< OK",
    ),
    "17.2 connected": Transcript(http.SecureConnect().exchange(), "> AT+HTTPSSETUP\n< OK"),
    "17.2 not connected": Transcript(
        http.SecureConnect().exchange(), "> AT+HTTPSSETUP\n< ERROR", refused="ERROR"
    ),
    "17.3 not connected": Transcript(
        http.SecureAct(0).exchange(), "> AT+HTTPSACTION=0\n< ERROR", refused="ERROR"
    ),
    "17.4 closed": Transcript(http.SecureClose().exchange(), "> AT+HTTPSCLOSE\n< OK"),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_the_example_means_what_the_manual_says(example: Transcript, framing: Framing) -> None:
    assert_understood(example, framing, REPORTS)
