from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from n11bridge.store import NewMessage, NewPart, Tables
from n11bridge.store.database import connect


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "n11.db"


@pytest.fixture
def tables(path: Path) -> Iterator[Tables]:
    """The tables as a work function sees them: in a transaction."""
    connection = connect(path)
    connection.execute("BEGIN")
    yield Tables(connection)
    connection.execute("COMMIT")
    connection.close()


@pytest.fixture
def new_message() -> Callable[..., NewMessage]:
    def make(key: str, parts: int = 1, **changes: Any) -> NewMessage:
        fields: dict[str, Any] = {
            "key": key,
            "request": f"request-{key}",
            "to": "+491701234567",
            "contact": None,
            "text": "hello",
            "encoding": "gsm7",
            "flash": False,
            "report": True,
            "priority": 0,
            "on_unknown": "keep",
            "expires": None,
            "parts": [NewPart(f"00{number:02X}", 20 + number) for number in range(1, parts + 1)],
        }
        return NewMessage(**{**fields, **changes})

    return make
