"""The AT dialogue without any wire: bytes in, events out.

- `wire`: how one value stands on the line.
- `record`: what is said, as frozen records with one codec for all of it.
- `command`: commands, settings, and what the dialogue needs to know to carry one out.
- `basic`: the few that keep every dialogue going.
- `spelling`: commands that the manual spells in more than one way.
- `pouring`: who reads raw data that no length announces.
- `stream`: bytes become lines, prompts and counted data.
- `flight`: one exchange, from its command's line to its end.
- `chat`: one exchange at a time, and whom each line is for; `events` is what it tells.
- `recovery`: what follows a timeout.
- `raw`: data mode, in which the bytes are a peer's.
- `errors`: refusals and their numbers.
"""
