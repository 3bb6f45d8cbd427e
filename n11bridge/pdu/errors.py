"""The one exception of the codec."""


class PduError(ValueError):
    """What was given is no PDU that can be read, or no message that can be written."""
