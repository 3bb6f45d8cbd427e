"""What servers say of files."""

import pytest

from n11bridge.capabilities.ftp.listing import entries, size

MANUAL = """\
drw-rw-rw- 1 user  group      0 Apr 14 15:55 .
drw-rw-rw-  1 user  group      0 Apr 14 15:55 ..
-rw-rw-rw-  1 user  group     1238528 Jan 14 10:36 1M.doc
-rw-rw-rw-  1 user  group      10 Jan 15 15:01 test.txt
"""


def test_the_manuals_example() -> None:
    assert entries(MANUAL) == [
        {"name": "1M.doc", "size": 1238528, "directory": False},
        {"name": "test.txt", "size": 10, "directory": False},
    ]


@pytest.mark.parametrize(
    ("line", "name", "bytes_", "directory"),
    [
        ("-rw-r--r--   1 n11  n11   51200 Jan 15  2024 a  file.txt", "a  file.txt", 51200, False),
        ("drwxr-xr-x   2 1000     1000         4096 Jun 01 12:00 log", "log", None, True),
        ("lrwxrwxrwx 1 root root 7 Jan 1 10:00 now -> today.txt", "now", 7, False),
        ("-rwsr-xr-t+ 1 a b 1 Jan 1 10:00 x", "x", 1, False),
        ("01-15-09  03:01PM       <DIR>          folder", "folder", None, True),
        ("01-15-2009  03:01PM             10 test.txt", "test.txt", 10, False),
    ],
)
def test_common_forms(line: str, name: str, bytes_: int | None, directory: bool) -> None:
    assert entries(line) == [{"name": name, "size": bytes_, "directory": directory}]


@pytest.mark.parametrize("text", ["", "total 12", "550 no such file", "-rw-r--r--", "\0\xff"])
def test_what_is_not_understood_is_left_out(text: str) -> None:
    assert entries(text) == []
    assert size(text) is None


def test_the_size_of_one_file() -> None:
    assert size("-rw-rw-rw- 1 user group 10 Jan 15 15:01 test.txt") == 10
    assert size(MANUAL) is None
