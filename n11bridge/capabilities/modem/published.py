"""What the `modem` capability publishes."""

import voluptuous as vol

from n11bridge.payload import Field, Fields, moment

STATUSES = (
    *("absent", "starting", "no_sim", "pin_required", "puk_required", "searching", "denied"),
    *("ready", "recovering", "stopped"),
)
STATE: Fields = {
    "status": Field(vol.In(STATUSES), "ready"),
    "since": Field(moment, "2026-11-26T12:00:00+01:00", "when the status became so"),
    "manufacturer": Field(vol.Maybe(str), "NEOWAY"),
    "model": Field(vol.Maybe(str), "N11V2"),
    "revision": Field(vol.Maybe(str), "V003", "of the firmware"),
    "imei": Field(vol.Maybe(str), "355910044336974"),
    "port": Field(str, "/dev/ttyUSB0"),
    "baud": Field(vol.Maybe(int), 115200, "bit/s; null while there is no port"),
    "functionality": Field(vol.Maybe(int), 1, "1: radio and SIM are on, 0: off"),
    "restarts": Field(int, 0, "of the modem, ever"),
}
RESET: Fields = {
    "step": Field(str, "restart", "reopen, reset, power, back_off; restart: by itself"),
    "reason": Field(str, "the modem restarted"),
}
