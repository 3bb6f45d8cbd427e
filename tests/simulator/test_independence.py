"""The simulator is a second reading of the manual: it shares no code with the first."""

import ast
import sys
from pathlib import Path

import n11bridge.simulator

ROOT = Path(n11bridge.simulator.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))


def test_nothing_but_the_standard_library_is_imported():
    assert FILES
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                depth = len(path.relative_to(ROOT).parts)
                assert node.level <= depth, f"{path.name} reaches out of its package"
                names = [] if node.level else [node.module]
            else:
                continue
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names, f"{path.name}: {name}"
