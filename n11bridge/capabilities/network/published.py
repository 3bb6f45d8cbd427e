"""What the `network` capability publishes and answers."""

import voluptuous as vol

from n11bridge.payload import Field, Fields

REGISTRATIONS = ("not_registered", "home", "searching", "denied", "roaming")
TECHNOLOGY = Field(vol.Maybe(vol.In(("gsm", "gsm_compact", "utran", "egprs"))), "gsm")
AREA = Field(vol.Maybe(str), "286F", "location area, hexadecimal")
CELL = Field(vol.Maybe(str), "0FCA", "hexadecimal")

STATE: Fields = {
    "registration": Field(vol.Maybe(vol.In(REGISTRATIONS)), "home"),
    "roaming": Field(vol.Maybe(bool), False),
    "operator": Field(vol.Maybe(str), "CHINA MOBILE"),
    "plmn": Field(vol.Maybe(str), "46000", "its number: country and network"),
    "lac": AREA,
    "cell": CELL,
    "technology": TECHNOLOGY,
    "gprs_registration": Field(vol.Maybe(vol.In(REGISTRATIONS)), "home", "of the packet service"),
}
NETWORK: Fields = {
    "status": Field(vol.In(("unknown", "available", "current", "forbidden")), "available"),
    "operator": Field(vol.Maybe(str), "CHINA MOBILE"),
    "short": Field(vol.Maybe(str), "CMCC"),
    "plmn": Field(str, "46000"),
    "technology": TECHNOLOGY,
}
HEARD: Fields = {
    "mcc": Field(str, "460", "country"),
    "mnc": Field(str, "00", "network"),
    "lac": AREA,
    "cell": CELL,
    "bsic": Field(str, "1E", "base station identity code"),
    "rssi_dbm": Field(int, -67, "strength in dBm"),
}
