"""The configuration: one YAML file becomes a frozen Config, or a list of all that is wrong."""

from .loading import load, names_port
from .problems import ConfigError, Problem
from .settings import (
    At,
    Balance,
    Config,
    Endpoint,
    Forward,
    Gprs,
    Jamming,
    Limits,
    Location,
    Log,
    Modem,
    Mqtt,
    Signal,
    Sms,
    Tls,
    Transparent,
)

__all__ = [
    "At",
    "Balance",
    "Config",
    "ConfigError",
    "Endpoint",
    "Forward",
    "Gprs",
    "Jamming",
    "Limits",
    "Location",
    "Log",
    "Modem",
    "Mqtt",
    "Problem",
    "Signal",
    "Sms",
    "Tls",
    "Transparent",
    "load",
    "names_port",
]
