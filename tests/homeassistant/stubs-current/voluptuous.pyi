# The current Home Assistant puts probatio in voluptuous' place, whoever imports it.
from probatio import *  # noqa: F403
