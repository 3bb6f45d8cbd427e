"""The SMS codec: text to PDUs and back (3GPP TS 23.038, 23.040 and 23.041).

It reads and writes what a modem in PDU mode says: hex, the service centre's octets first::

    for part in submit("+491701234567", "Grüße", report=True):
        encoded = part.encode()      # AT+CMGS=<encoded.length>, then encoded.pdu
    message = decode(pdu)            # a Deliver, a Submit or a StatusReport
    whole = join(parts).text         # of the Delivers that share message.concat.ref

What is malformed in a way that leaves nothing to show raises PduError, the one exception. Anything
else from the air is read as far as it goes: no text ever holds half a surrogate pair, and a time
stamp that is none is None.

How the modules hang together, from the bits up:

- ``octets``, ``septets``: fields off the front, digits in semi-octets, seven bits in eight
- ``languages``, ``alphabet``: the tables of the 7-bit alphabet, and text through them
- ``address``, ``timestamp``, ``validity``, ``header``, ``coding``: one module per field
- ``content``: the user data, put together from header, coding and alphabet
- ``deliver``, ``submit``, ``report``: the three messages; ``envelope`` is the service centre around
  them, ``tpdu`` tells them apart
- ``split``, ``join``: a long text into parts, parts into a text
- ``broadcast``, ``ussd``: the two others that use the same alphabets
"""

from . import ussd
from .address import Address
from .broadcast import Broadcast
from .coding import Encoding
from .deliver import Deliver
from .envelope import Encoded
from .errors import PduError
from .header import Concatenation, Ports
from .join import Joined, join
from .report import StatusReport
from .split import measure, submit
from .submit import Submit
from .tpdu import decode
from .validity import Enhanced, Validity

__all__ = [
    "Address",
    "Broadcast",
    "Concatenation",
    "Deliver",
    "Encoded",
    "Encoding",
    "Enhanced",
    "Joined",
    "PduError",
    "Ports",
    "StatusReport",
    "Submit",
    "Validity",
    "decode",
    "join",
    "measure",
    "submit",
    "ussd",
]
