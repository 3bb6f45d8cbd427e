"""What keeps the demo from going on."""


class DemoError(Exception):
    """The demo cannot go on, and why, in words for a person."""
