"""A broker with users and an access list, and clients that each see their own part of it."""

import signal
import subprocess
from pathlib import Path

from .processes import Mosquitto

PASSWORD = "correct horse"


class Guarded(Mosquitto):
    """Mosquitto with these users, all with one password, and an access list that may change."""

    def __init__(self, folder: Path, users: list[str], acl: str, *lines: str) -> None:
        super().__init__(folder)
        self._acl = folder / "acl"
        self._acl.write_text(acl)
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        for user in users:
            command = ["mosquitto_passwd", "-b", str(passwords), user, PASSWORD]
            subprocess.run(command, check=True, capture_output=True)
        conf = folder / "mosquitto.conf"
        text = conf.read_text().replace("allow_anonymous true\n", "")
        more = [f"acl_file {self._acl}", f"password_file {passwords}", *lines]
        conf.write_text(text + "\n".join(more) + "\n")

    def permit(self, acl: str) -> None:
        """Change the access list without ending a connection."""
        self._acl.write_text(acl)
        assert self._process is not None
        mark = self.output.mark()
        self._process.send_signal(signal.SIGHUP)
        self.output.wait_for(lambda line: "Reloading config" in line, after=mark)
