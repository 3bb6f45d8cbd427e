"""The AT dialogue without any wire: bytes in, events out.

- `wire`: how one value stands on the line.
- `command`: commands, settings, replies and reports, declared once as facts.
- `stream`: bytes become lines, prompts and counted data.
- `chat`: one exchange at a time, routing, deadlines, and what follows a timeout.
- `errors`: refusals and their numbers.
"""
