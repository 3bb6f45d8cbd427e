"""The configuration: one YAML file becomes a frozen Config, or a list of all that is wrong."""

from .loading import load
from .problems import ConfigError, Problem
from .settings import Config, Endpoint, Forward, Limits, Log, Modem, Mqtt, Signal, Sms, Tls

__all__ = [
    "Config",
    "ConfigError",
    "Endpoint",
    "Forward",
    "Limits",
    "Log",
    "Modem",
    "Mqtt",
    "Problem",
    "Signal",
    "Sms",
    "Tls",
    "load",
]
