"""The same files as a zip, which is the same to the byte wherever it is made."""

import io
import zipfile
from pathlib import Path

from n11bridge import __version__

from .contents import Contents

#: As HACS has it: what `filename` in a repository's hacs.json says.
FOR_HACS = "n11bridge.zip"
NAME = f"n11bridge-homeassistant-{__version__}.zip"


def write(path: Path, files: Contents) -> None:
    """Write the archive; another one of that name is replaced."""
    held = io.BytesIO()
    # Stored, for compressors differ from one machine to the next.
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, text)
    path.write_bytes(held.getvalue())
