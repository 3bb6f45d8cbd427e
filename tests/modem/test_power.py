"""The power hook: a real command; of the GPIO line what can be seen without one."""

import asyncio
import logging
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from n11bridge.modem.power import CommandHook, GpioHook, PowerError, line_request


def cycle(hook: CommandHook | GpioHook) -> None:
    asyncio.run(hook.cycle())


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_the_command_is_run_without_a_shell_and_its_output_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mark = tmp_path / "mark"
    program = "import sys; open(sys.argv[1], 'w').write(sys.argv[2]); print('off'); print('on')"
    with caplog.at_level(logging.INFO, "n11bridge"):
        cycle(CommandHook([*python(program), str(mark), "$HOME; rm"]))
    assert mark.read_text() == "$HOME; rm"
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == ["off", "on"]


def test_a_command_that_fails_says_so() -> None:
    with pytest.raises(PowerError, match="ended with 3"):
        cycle(CommandHook(python("raise SystemExit(3)")))
    with pytest.raises(PowerError, match=r"/no/such/program cannot be run: No such file"):
        cycle(CommandHook(["/no/such/program"]))


def test_a_command_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    program = (
        "import subprocess, sys, time; child = subprocess.Popen(['sleep', '600']); "
        f"open({str(told)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    with pytest.raises(PowerError, match="was killed: it took more than 3 s"):
        cycle(CommandHook(python(program), limit=3))
    child = int(told.read_text())
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}/stat").exists():
        state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            break  # dead; its new parent has not noticed
        assert time.monotonic() < deadline


def test_what_it_leaves_running_is_not_waited_for() -> None:
    began = time.monotonic()
    program = "import subprocess; subprocess.Popen(['sleep', '30'])"
    cycle(CommandHook(python(program)))
    assert time.monotonic() - began < 20


def test_a_stop_of_the_daemon_ends_the_command() -> None:
    async def main() -> None:
        running = asyncio.ensure_future(CommandHook(python("import time; time.sleep(600)")).cycle())
        await asyncio.sleep(0.2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(10):
                await running

    asyncio.run(main())


def test_a_chip_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    with pytest.raises(PowerError, match=r"line 17 of .*gpiochip: No such file"):
        cycle(GpioHook(str(tmp_path / "gpiochip"), 17, 0.1))
    plain = tmp_path / "plain"
    plain.touch()
    with pytest.raises(PowerError, match=r"line 17 of .*plain: "):
        cycle(GpioHook(str(plain), 17, 0.1))


HEADER = """
#include <stdio.h>
#include <string.h>
#include <linux/gpio.h>
int main(void) {
    struct gpio_v2_line_request request;
    memset(&request, 0, sizeof request);
    request.offsets[0] = 17;
    strcpy(request.consumer, "n11bridge");
    request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW;
    request.num_lines = 1;
    fprintf(stderr, "%lx %lx %zu", (unsigned long) GPIO_V2_GET_LINE_IOCTL,
            (unsigned long) GPIO_V2_LINE_SET_VALUES_IOCTL, sizeof(struct gpio_v2_line_values));
    fwrite(&request, sizeof request, 1, stdout);
    return 0;
}
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("cc") and Path("/usr/include/linux/gpio.h").exists()),
    reason="needs a C compiler and the kernel's headers",
)
def test_the_request_is_what_the_kernels_header_says(tmp_path: Path) -> None:
    (tmp_path / "request.c").write_text(HEADER)
    subprocess.run(["cc", "-o", tmp_path / "request", tmp_path / "request.c"], check=True)
    done = subprocess.run([tmp_path / "request"], check=True, capture_output=True)
    assert done.stdout == line_request(17, active_low=True)
    assert done.stderr == b"c250b407 c010b40f 16"
