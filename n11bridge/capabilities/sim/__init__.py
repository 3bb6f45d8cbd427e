"""The SIM: its condition, its numbers and its PIN (manual 2.4, 2.5, 3.14, 3.16, 3.17, 24.11).

- `wire`: the commands.
- `guard`: one attempt for each PIN on each SIM.
- `slot`: which of two SIMs comes first.
- `Sim` here: makes the SIM usable, and the requests.
"""

from n11bridge.capabilities.sim.capability import Sim

__all__ = ["Sim"]
