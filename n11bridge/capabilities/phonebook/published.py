"""What the `phonebook` capability publishes and answers."""

import voluptuous as vol

from n11bridge.payload import Field, Fields, listed

STORAGES = ("SM", "ME", "ON", "FD", "LD")
STORAGE = Field(vol.In(STORAGES), "SM", "SIM, modem, own numbers, fixed dialling, last dialled")
NUMBER = Field(str, "+491701234567")
NAME = Field(str, "Alice")
INDEX = Field(int, 1, "the place, from 1")

USE: Fields = {
    "storage": STORAGE,
    "used": Field(vol.Maybe(int), 12, "entries"),
    "total": Field(vol.Maybe(int), 250, "places"),
}
ENTRY: Fields = {
    "index": INDEX,
    "number": NUMBER,
    "name": NAME,
    "hidden": Field(bool, False),
}
STATE: Fields = {
    "used": Field(vol.Maybe(int), 12, "entries on the SIM"),
    "total": Field(vol.Maybe(int), 250, "places on the SIM"),
    "storages": listed(USE, "what the modem knows"),
}
ENTRIES: Fields = {"entries": listed(ENTRY)}
EXPORT: Fields = {"phonebook": listed({"storage": STORAGE, "entries": listed(ENTRY)})}
OWN: Fields = {"numbers": listed({"number": NUMBER, "name": NAME})}
