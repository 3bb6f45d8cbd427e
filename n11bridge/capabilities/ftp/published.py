"""What the `ftp` capability publishes and answers."""

import voluptuous as vol

from n11bridge import content
from n11bridge.payload import Field, Fields, listed

PATH = Field(str, "log/today.txt")
COUNT = vol.All(int, vol.Range(min=0))

STATE: Fields = {
    "login": Field(bool, True, "whether there is one"),
    "host": Field(vol.Maybe(str), "ftp.example.com"),
    "port": Field(vol.Maybe(int), 21),
}
PROGRESS: Fields = {
    "path": PATH,
    "direction": Field(vol.In(("get", "put")), "get"),
    "done": Field(COUNT, 20480, "bytes so far"),
    "total": Field(COUNT, 51200, "bytes in all"),
}
ENTRY: Fields = {
    "name": Field(str, "today.txt"),
    "size": Field(vol.Maybe(COUNT), 51200, "bytes; null of a directory"),
    "directory": Field(bool, False),
}
LISTING: Fields = {
    "path": Field(str, "log"),
    "entries": listed(ENTRY, "those lines that could be understood"),
    "text": Field(
        str, "-rw-r--r-- 1 user group 51200 Jan 15 15:01 today.txt", "as the server has it"
    ),
}
FILE: Fields = {
    "path": PATH,
    "offset": Field(COUNT, 0, "where the part begins"),
    "length": Field(COUNT, 5, "of the part, in bytes"),
    "size": Field(vol.Maybe(COUNT), 5, "of the file, where the server tells"),
    **content.CONTENT,
}
STORED: Fields = {"path": PATH, "length": Field(COUNT, 51200, "bytes that were sent")}
DELETED: Fields = {"path": PATH}
