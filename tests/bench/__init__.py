"""How close the bridge comes to the wire's own time, and what it costs: ``python -m tests.bench``.

``rig`` runs the real parts as processes of their own, ``watcher`` and ``wire`` note what arrives at
an MQTT subscriber and what passes the line, ``messages``, ``start`` and ``upkeep`` measure,
``outcome`` judges and prints. Times of different processes can be compared, because all of them
are taken from the machine's monotonic clock.
"""
