"""The modem as a UDP server (manual 14)."""
