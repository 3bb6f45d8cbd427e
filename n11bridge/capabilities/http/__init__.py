"""HTTP and HTTPS requests, which the modem carries out (manual 16, 17)."""
