"""Files on FTP servers, fetched and stored by the modem (manual 15)."""
