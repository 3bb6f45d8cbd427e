"""Print the requirements of the integrations named, of those they depend on, and of every start."""

import json
import sys
from pathlib import Path

import homeassistant
from homeassistant import bootstrap

COMPONENTS = Path(homeassistant.__file__).parent / "components"


def main() -> None:
    """Follow the manifests."""
    found: set[str] = set()
    ahead = {*sys.argv[1:], *bootstrap.DEFAULT_INTEGRATIONS, *bootstrap.CORE_INTEGRATIONS}
    requirements: set[str] = set()
    while ahead:
        name = ahead.pop()
        manifest = COMPONENTS / name / "manifest.json"
        if name not in found and manifest.exists():
            said = json.loads(manifest.read_text())
            requirements |= {*said.get("requirements", ())}
            ahead |= {*said.get("dependencies", ())}
        found.add(name)
    sys.stdout.write("\n".join(sorted(requirements)) + "\n")


if __name__ == "__main__":
    main()
