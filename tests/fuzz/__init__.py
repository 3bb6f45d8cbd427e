"""Fuzzing guided by coverage: ``make fuzz``, or ``python -m tests.fuzz --minutes 10 pdu``.

- `targets`: what is fed, with the corpus that it begins with. They are run over damaged samples of
  their corpus in the ordinary tests as well, without coverage.
- `one`: one target under atheris, in a process of its own.
- `__main__`: all of them one after the other, and a table of what came of it.
"""
