"""``n11bridge demo``: simulator, broker and bridge in one terminal, and what they do.

``terminal`` prints, ``narrator`` puts MQTT into sentences, ``watcher`` is the client that listens,
``brokers`` finds or starts a broker, ``child`` runs programs, ``play`` lets it all happen.
"""

import argparse
import os
import sys

from .errors import DemoError

DESCRIPTION = """\
Shows n11bridge at work without a modem: starts a simulated N11V2, an MQTT broker and the bridge,
lets texts recorded from real networks arrive, sends one, and says how to send your own. Runs
until Ctrl-C and leaves nothing behind."""

EPILOG = """\
The broker is amqtt inside this program, or else a mosquitto of its own, if one is installed.
A password for --broker is taken from N11_MQTT_PASSWORD."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the options of the demo."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--broker",
        metavar="HOST:PORT",
        default=os.environ.get("N11_MQTT_BROKER"),
        help="use a broker that runs already (default: N11_MQTT_BROKER)",
    )
    parser.add_argument(
        "--username",
        metavar="NAME",
        default=os.environ.get("N11_MQTT_USERNAME"),
        help="our name at that broker (default: N11_MQTT_USERNAME)",
    )
    parser.add_argument(
        "--discovery",
        action="store_true",
        help="show the entities in the Home Assistant of that broker, as long as the demo runs",
    )
    parser.add_argument(
        "--speed", choices=("normal", "fast"), default="normal", help="how fast things happen"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the demo until SIGINT, SIGTERM or SIGHUP; 0 is success, 1 says that it cannot go on."""
    from .play import play

    try:
        play(arguments)
    except DemoError as error:
        sys.stderr.write(f"n11bridge demo: {error}\n")
        return 1
    return 0
