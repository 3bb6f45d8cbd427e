"""All faults, group by group. A new one is a generator in the file of its group."""

from ..fault import Fault
from . import (
    brokers,
    clocks,
    deliveries,
    incoming,
    kills,
    line,
    network,
    refusals,
    restarts,
    silence,
    store,
)

GROUPS = (
    kills,
    brokers,
    restarts,
    silence,
    line,
    network,
    refusals,
    incoming,
    deliveries,
    store,
    clocks,
)
FAULTS: tuple[Fault, ...] = tuple(fault for group in GROUPS for fault in group.CATALOGUE.faults)
