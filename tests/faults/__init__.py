"""Everything that the field breaks, broken on purpose, and an account of every message.

`catalogue` states the faults, `scene` lets one happen to a bridge at work, `accounts` compares what
was asked, what the network saw and what a subscriber heard. ``python -m tests.faults --help``.
"""
