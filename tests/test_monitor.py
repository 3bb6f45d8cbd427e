"""What the monitor makes of what it hears."""

import io

from rich.console import Console

from n11bridge.monitor import Picture, bar


def shown(picture: Picture) -> str:
    console = Console(file=io.StringIO(), width=120, height=30)
    console.print(picture.drawn())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return str(text)


def test_a_picture_of_a_running_bridge() -> None:
    picture = Picture()
    picture.take("availability", "online")
    picture.take("state/modem", {"status": "ready", "manufacturer": "NEOWAY", "model": "N11V2"})
    picture.take("state/network", {"operator": "CHINA MOBILE", "registration": "home"})
    for level in (-113, -82, -51):
        picture.take("state/signal", {"rssi_dbm": level, "quality": 50})
    picture.take("state/sms", {"sent": 7, "queued": 2, "last": {"from": "+49170", "text": "hi"}})
    picture.take("event/sms/received", {"from": "+49170", "contact": "alice", "text": "a\x1b[2Jb"})
    picture.take("event/sms/status", {"to": "+49170", "state": "failed", "error": "+CMS ERROR: 1"})
    picture.take("event/modem/reset", {"event_type": "reset", "step": "restart", "time": "x"})
    text = shown(picture)
    for word in ("online", "ready", "NEOWAY N11V2", "CHINA MOBILE", "-51 dBm, 50 %", " ▄█"):
        assert word in text
    assert r"text from alice: a\x1b[2Jb" in text
    assert "\x1b[2J" not in text
    assert "text to +49170: failed (+CMS ERROR: 1)" in text
    assert "modem/reset  step restart" in text
    assert text.index("modem/reset") < text.index("text from alice")


def test_a_picture_of_nothing() -> None:
    assert "not seen" in shown(Picture())


def test_bars_span_the_scale() -> None:
    assert [bar(level) for level in (-200, -113, -51, 0)] == [" ", " ", "█", "█"]
