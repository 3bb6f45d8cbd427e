"""Files on FTP servers, fetched and stored by the modem (manual 15).

- `wire`: what is said to the modem.
- `client`: the modem as a client, in its portions.
- `listing`: what servers say of files.
"""

from n11bridge.capabilities.ftp.capability import Ftp

__all__ = ["Ftp"]
