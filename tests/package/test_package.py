"""The Debian package on a machine with a real systemd: installed, used, killed, removed."""

import json
import re

import pytest

from .conftest import switch_modem_on, wait_until_ready
from .machine import PROJECT, Machine

pytestmark = [pytest.mark.package, pytest.mark.timeout(600)]

SHOW = "systemctl show n11bridge --value -p "
SEND = "n11bridge sms send --wait sent +491701234567 "


def sent(machine: Machine) -> list[str]:
    """The texts that the network took."""
    asked = "import json; from n11bridge.simulator import Control; "
    asked += "print(json.dumps(Control('/run/c').do('ledger')['sent']))"
    return [each["text"] for each in json.loads(machine.run(f'python3 -c "{asked}"'))]


def test_it_waits_for_a_configuration(fresh: Machine) -> None:
    said = fresh.run("apt-get install -y /root/n11bridge_*.deb")
    assert "n11bridge does not run yet" in said
    assert fresh.run("systemctl is-active n11bridge", check=False).strip() == "inactive"
    assert fresh.run("systemctl is-enabled n11bridge").strip() == "enabled"
    assert not fresh.run("systemctl --failed --no-legend").strip()
    assert fresh.run("stat -c '%a %U %G' /etc/n11bridge/n11bridge.yaml").split() == [
        "640",
        "root",
        "n11bridge",
    ]
    assert "dialout" in fresh.run("id n11bridge")
    assert fresh.run("zcat /usr/share/man/man1/n11bridge-sms-send.1.gz || true")
    assert "n11bridge" in fresh.run("cat /usr/share/bash-completion/completions/n11bridge")


def test_it_serves_and_is_found_again_after_a_kill(installed: Machine) -> None:
    assert installed.run(f"{SEND} 'one'").startswith("+491701234567: ")
    restarts = int(installed.run(f"{SHOW} NRestarts"))
    installed.run(f"kill -9 $({SHOW} MainPID)")
    installed.wait(f"{SHOW} NRestarts", str(restarts + 1))
    wait_until_ready(installed)
    installed.run(f"{SEND} 'two'")
    assert sent(installed) == ["one", "two"]


def test_a_frozen_program_is_started_again(installed: Machine) -> None:
    """The watchdog follows the loop: a program that is there but does nothing is killed."""
    installed.run(
        "mkdir -p /run/systemd/system/n11bridge.service.d && printf "
        "'[Service]\\nWatchdogSec=3\\nTimeoutAbortSec=1\\n' "
        "> /run/systemd/system/n11bridge.service.d/quick.conf && systemctl daemon-reload "
        "&& systemctl restart n11bridge"
    )
    wait_until_ready(installed)
    before = installed.run(f"{SHOW} MainPID").strip()
    # While it is frozen a request and a text come for it.
    installed.run(
        f"kill -STOP {before}; mosquitto_pub -q 1 -t n11bridge/n11/request/sms/send/00491701234567"
        " -m 'while frozen'"
    )
    installed.wait(f"{SHOW} NRestarts", "1")
    wait_until_ready(installed)
    assert installed.run(f"{SHOW} MainPID").strip() != before
    assert "watchdog" in installed.run("journalctl -u n11bridge").lower()
    installed.run(f"{SEND} 'after'")
    assert sorted(sent(installed)) == ["after", "while frozen"]


def test_ready_means_ready(installed: Machine) -> None:
    """The start returns once it serves: the broker has seen it, or is told to be missing."""
    installed.run("systemctl stop n11bridge")
    assert "offline" in installed.run("mosquitto_sub -t n11bridge/n11/availability -C 1 -W 5")
    installed.run("systemctl start n11bridge")
    assert installed.run(f"{SHOW} Type,ActiveState").split() == ["notify", "active"]
    installed.wait("mosquitto_sub -t n11bridge/n11/availability -C 1 -W 5", "online")
    # A configuration that is wrong fails at once and stays so, with words in the journal.
    installed.run("sed -i 's|^  host:.*|  host: http://x|' /etc/n11bridge/n11bridge.yaml")
    installed.run("systemctl restart n11bridge", check=False)
    installed.wait("systemctl is-failed n11bridge", "failed")
    assert "mqtt.host: is no host" in installed.run("journalctl -u n11bridge")
    assert installed.run(f"{SHOW} ExecMainStatus").strip() == "2"


def test_a_stop_is_quick_and_says_goodbye(installed: Machine) -> None:
    took = installed.run("TIMEFORMAT=%R; time systemctl stop n11bridge").split()[-1]
    assert float(took) < 5
    assert installed.run(f"{SHOW} Result").strip() == "success"
    assert "offline" in installed.run("mosquitto_sub -t n11bridge/n11/availability -C 1 -W 5")


def test_it_may_use_ports_that_come_later_and_little_else(installed: Machine) -> None:
    inside = f"nsenter -t $({SHOW} MainPID) -m -U --preserve-credentials 2>/dev/null"
    assert installed.run(f"{inside} true; echo done").strip() == "done"
    # The numbers of USB adapters, modems and the UART: without a device behind them the kernel
    # says ENXIO, where the sandbox would say EPERM.
    properties = installed.run(f"{SHOW} DeviceAllow")
    assert {"char-188", "char-166", "char-204"} <= set(properties.split())
    installed.run("mknod -m 660 /dev/ttyUSB0 c 188 0; chgrp dialout /dev/ttyUSB0")
    installed.run("sed -i 's|port: /run/modem|port: /dev/ttyUSB0|' /etc/n11bridge/n11bridge.yaml")
    installed.run("systemctl restart n11bridge")
    installed.wait("journalctl -u n11bridge -n 5", "No such device or address")
    score = installed.run(
        "systemd-analyze security --offline=true --threshold=15 "
        "/usr/lib/systemd/system/n11bridge.service | tail -1"
    )
    print(score)
    print(installed.run(f"grep VmRSS /proc/$({SHOW} MainPID)/status"))
    installed.run("udevadm verify /usr/lib/udev/rules.d/70-n11bridge.rules")
    units = "n11bridge.service n11bridge@x.service"
    installed.run(f"systemd-analyze verify --man=no --recursive-errors=yes {units}")


def test_the_journal_has_fields(installed: Machine) -> None:
    lines = installed.run("journalctl -u n11bridge -o json N11_STATUS=ready N11_MODEM=n11")
    entry = json.loads(lines.splitlines()[0])
    assert entry["MESSAGE"] == "modem: ready"
    assert entry["PRIORITY"] == "6"
    assert entry["SYSLOG_IDENTIFIER"] == "n11bridge"


def test_two_modems_on_one_machine(installed: Machine) -> None:
    installed.run("systemd-run -q --unit=modem2 n11bridge simulate --pty /run/modem2")
    installed.wait("ls /run/modem2", "/run/modem2\n")
    installed.run("chgrp dialout $(readlink -f /run/modem2); chmod 660 $(readlink -f /run/modem2)")
    installed.run(
        "sed -e 's|/run/modem|/run/modem2|' -e '/port:/a\\  name: boat' -e 's|n11.db|boat.db|' "
        "/etc/n11bridge/n11bridge.yaml > /etc/n11bridge/boat.yaml && "
        "systemd-tmpfiles --create n11bridge.conf && systemctl start n11bridge@boat"
    )
    installed.wait("systemctl show n11bridge@boat -p StatusText", "modem ready")
    online = installed.run("mosquitto_sub -t 'n11bridge/+/availability' -v -C 2 -W 5")
    assert set(online.splitlines()) == {
        "n11bridge/n11/availability online",
        "n11bridge/boat/availability online",
    }


def test_upgrade_keeps_all_remove_keeps_data_purge_nothing(installed: Machine) -> None:
    installed.run(f"{SEND} 'kept'")
    installed.run("echo '# edited' >> /etc/n11bridge/n11bridge.yaml")
    installed.run("apt-get install -y --reinstall /root/n11bridge_*.deb")
    wait_until_ready(installed)
    assert "# edited" in installed.run("cat /etc/n11bridge/n11bridge.yaml")
    assert "kept" in installed.run("n11bridge sms list --outbox")
    installed.run("apt-get remove -y n11bridge")
    assert installed.run("systemctl is-active n11bridge", check=False).strip() == "inactive"
    assert "n11.db" in installed.run("ls /var/lib/n11bridge")
    installed.run("apt-get purge -y n11bridge")
    left = installed.run(
        "ls -d /etc/n11bridge /var/lib/n11bridge /usr/lib/python3/dist-packages/n11bridge "
        "/usr/lib/systemd/system/n11bridge* /etc/systemd/system/*/n11bridge* 2>/dev/null; "
        "getent passwd n11bridge; true"
    )
    assert left == ""


def test_what_home_assistant_gets_comes_along(fresh: Machine) -> None:
    fresh.run("apt-get install -y /root/n11bridge_*.deb")
    fresh.run("mkdir /srv/config && touch /srv/config/configuration.yaml")
    fresh.run("chown -R 1000:1000 /srv/config")
    said = fresh.run("n11bridge homeassistant install /srv/config")
    assert re.search(r"custom_components/n11bridge +version [0-9.]+, new", said)
    there = "find /srv/config -type f"
    assert "/srv/config/dashboards/n11bridge/n11.yaml" in fresh.run(there).splitlines()
    assert fresh.run(f"{there} ! -uid 1000") == ""
    fresh.run("cd /root && n11bridge homeassistant zip x.zip && python3 -m zipfile -e x.zip x")
    packed = fresh.run("cd /root/x && find . -type f | sort").splitlines()
    installed = fresh.run("cd /srv/config && find . -type f | sort").splitlines()
    assert packed == [name for name in installed if name != "./configuration.yaml"]


def test_a_modem_that_is_switched_on_later(fresh: Machine) -> None:
    fresh.run("apt-get install -y /root/n11bridge_*.deb && systemctl start mosquitto")
    fresh.run("sed -i 's|^  port:$|  port: /run/modem|' /etc/n11bridge/n11bridge.yaml")
    fresh.run("systemctl start n11bridge")
    fresh.wait("systemctl show n11bridge -p StatusText", "modem absent")
    switch_modem_on(fresh)
    wait_until_ready(fresh)


def test_the_first_time_walk(fresh: Machine) -> None:
    """What the README tells to type, from apt to the first text; the transcript is kept."""
    readme = (PROJECT / "README.md").read_text()
    (walk,) = re.findall(r"## On a Raspberry Pi\n.*?```console\n(.*?)```", readme, re.DOTALL)
    commands = [line.removeprefix("# ") for line in walk.splitlines() if line.startswith("# ")]
    assert commands[0].startswith("apt install ./n11bridge_")
    # Port, broker, user name, a number and its name; there is no adapter for the wizard to find.
    answers = "/run/modem\n\n\n+491701234567\nalice\n"
    transcript = ""
    for command in commands:
        said = fresh.run(
            f"cd /root && {command.replace('apt install', 'apt install -y')}", text=answers
        )
        transcript += f"# {command}\n{said}\n"
        if command.startswith("apt"):
            switch_modem_on(fresh)
    kept = PROJECT / "dist" / "walk.txt"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(transcript)
    assert "A text to alice was sent." in transcript
    assert " 0 bad" in transcript
    assert "Active: active (running)" in transcript
    assert sent(fresh)[-1] == "The pump has stopped"
