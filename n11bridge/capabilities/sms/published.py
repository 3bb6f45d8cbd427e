"""What the `sms` capability publishes and answers."""

import voluptuous as vol

from n11bridge.payload import Field, Fields, moment, nested, octets, schema_of

NOON = "2026-11-26T12:00:00+01:00"
STATES = (
    *("queued", "sending", "sent", "delivered", "undelivered"),
    *("expired", "cancelled", "failed", "unknown"),
)
KEY = Field(str, "c40744e48fb141cf", "names the message")
TO = Field(str, "+491701234567")
CONTACT = Field(vol.Maybe(str), "alice", "its name in the configuration")
PARTS = Field(int, 1)
UID = Field(str, "8476556a5f57c70d79b3", "names the message for ever")
FROM = Field(vol.Maybe(str), "+491701234567", "a number, or the name that the sender gave")
TRUSTED = Field(bool, True, "whether sms.trusted names the sender")
TEXT = Field(vol.Maybe(str), "open", "null when it is data")
CODING = Field(str, "gsm7", "gsm7, ucs2 or 8bit; pdu when it cannot be decoded")
SENT_AT = Field(vol.Maybe(moment), NOON, "the time of the service centre")
RECEIVED_AT = Field(moment, NOON, "when it was taken from the modem")
ERROR = Field(vol.Maybe(str), None, "the modem's words")

ACCEPTED: Fields = {
    "message": KEY,
    "to": TO,
    "parts": PARTS,
    "encoding": Field(vol.In(("gsm7", "ucs2")), "gsm7"),
    "collapsed": Field(int, 3, "how often this text is in it so far (sms.collapse)", optional=True),
}
STATUS: Fields = {
    "id": Field(str, "pump-1", "of the request"),
    "message": KEY,
    "to": TO,
    "contact": CONTACT,
    "state": Field(vol.In(STATES), "sent"),
    "parts": PARTS,
    "parts_sent": Field(int, 1),
    "error": ERROR,
}
RECEIVED: Fields = {
    "uid": UID,
    "from": FROM,
    "contact": CONTACT,
    "trusted": TRUSTED,
    "text": TEXT,
    "data": Field(vol.Maybe(octets), None, "what is no text, in base64"),
    "encoding": CODING,
    "class": Field(vol.Maybe(int), None, "0 is a flash message"),
    "time": SENT_AT,
    "received": RECEIVED_AT,
    "parts": PARTS,
    "complete": Field(bool, True),
    "missing": Field([int], [], "the parts that did not come"),
    "ports": Field(
        vol.Maybe({"destination": int, "source": int}), None, "of an application's message"
    ),
    "redelivered": Field(bool, False, "whether it may have been published before"),
}
IN_INBOX: Fields = {"event_type": Field("received", "received"), **RECEIVED}
LISTED: Fields = {
    **STATUS,
    "text": Field(str, "Water in the pump house"),
    "encoding": ACCEPTED["encoding"],
    "created": Field(moment, NOON),
    "updated": Field(moment, NOON),
    "expires": Field(vol.Maybe(moment), NOON),
    "attempts": Field(int, 0),
    "part_states": Field(
        [{"part": int, "state": vol.In(STATES), "status": vol.Maybe(int)}],
        [{"part": 1, "state": "sent", "status": None}],
        "status is TP-Status of the delivery report",
        optional=True,
    ),
}
BROADCAST: Fields = {
    "channel": Field(int, 50, optional=True),
    "serial": Field(int, 1, optional=True),
    "language": Field(vol.Maybe(str), "en", optional=True),
    "page": Field(int, 1, optional=True),
    "pages": Field(int, 1, optional=True),
    "text": Field(vol.Maybe(str), "Flood warning", optional=True),
    "data": Field(octets, "AAA=", "a page that cannot be decoded", optional=True),
    "error": Field(str, "too short", "why it cannot be decoded", optional=True),
}
USE = Field({"used": int, "total": int}, {"used": 2, "total": 50})
STORAGE: Fields = {
    "SM": USE._replace(optional=True, meaning="the SIM"),
    "ME": USE._replace(optional=True, meaning="the modem"),
}
LAST: Fields = {
    "uid": UID,
    "from": FROM,
    "contact": CONTACT,
    "trusted": TRUSTED,
    "text": TEXT,
    "encoding": CODING,
    "time": SENT_AT,
    "received": RECEIVED_AT,
}
STATE: Fields = {
    **{
        name: Field(int, 3, "messages, ever")
        for name in ("sent", "received", "delivered", "undelivered", "failed", "unknown")
    },
    "parts_sent": Field(int, 4, "ever"),
    "queued": Field(int, 0, "messages in the outbox"),
    "queued_parts": Field(int, 0, "parts in the outbox"),
    "waits_for": Field(
        vol.Maybe(vol.In(("modem", "jamming"))), None, "what the outbox waits for; null: nothing"
    ),
    "waiting_parts": Field(int, 0, "received parts that wait for others"),
    "last": nested(LAST, "the last message received")._replace(schema=vol.Maybe(schema_of(LAST))),
    "storage": nested(STORAGE, "of the modem; what is not known is left out"),
}
