"""The modem as a TCP server (manual 13)."""
