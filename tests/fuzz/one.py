"""One target under atheris: ``python -m tests.fuzz.one TARGET CORPUS [libFuzzer's options]``."""

import logging
import sys

import atheris

# What is imported here tells atheris which of its branches were taken.
with atheris.instrument_imports(include=["n11bridge"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    logging.disable()
    name, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], TARGETS[name].feed)
    atheris.Fuzz()


main()
