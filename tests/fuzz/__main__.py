"""Fuzzes each target for some minutes; exit code 1 if anything was found."""

import argparse
import hashlib
import importlib.util
import re
import subprocess
import sys

from tests.fuzz.targets import ROOT, TARGETS

FOLDER = ROOT / "build" / "fuzz"
#: An input that takes longer hangs (seconds); one that needs more memory is a flood (MB).
PATIENCE, MEMORY = 10, 1024


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target")
    parser.add_argument("target", nargs="*", default=[*TARGETS], help=", ".join(TARGETS))
    arguments = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is missing: pip install -e '.[fuzz]'", file=sys.stderr)
        return 2
    found = 0
    print(f"{'target':10}{'executions':>12}{'coverage':>10}{'corpus':>8}{'found':>7}", flush=True)
    for name in arguments.target:
        found += fuzz(name, arguments.minutes)
    return 1 if found else 0


def fuzz(name: str, minutes: float) -> int:
    """Run one target and print its row; the number of inputs that broke it."""
    corpus, broken = FOLDER / name / "corpus", FOLDER / name / "broken"
    for folder in (corpus, broken):
        folder.mkdir(parents=True, exist_ok=True)
    for sample in TARGETS[name].corpus():
        (corpus / hashlib.sha256(sample).hexdigest()[:16]).write_bytes(sample)
    before = {*broken.iterdir()}
    command = [
        *(sys.executable, "-m", "tests.fuzz.one", name, str(corpus)),
        *(f"-max_total_time={round(60 * minutes)}", "-print_final_stats=1", "-max_len=8192"),
        *(f"-timeout={PATIENCE}", f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={broken}/"),
    ]
    log = FOLDER / name / "log"
    with log.open("w") as output:
        code = subprocess.run(command, cwd=ROOT, stderr=output, stdout=output).returncode
    said = log.read_text(errors="replace")
    found = {*broken.iterdir()} - before
    executions = _last(r"stat::number_of_executed_units: (\d+)", said) or _last(r"#(\d+)", said)
    coverage = _last(r"cov: (\d+)", said)
    kept = len([*corpus.iterdir()])
    print(f"{name:10}{executions:>12}{coverage:>10}{kept:>8}{len(found):>7}", flush=True)
    for path in sorted(found):
        print(f"  {path.relative_to(ROOT)}")
    if code and not found:
        print(f"  it ended with {code}: {log.relative_to(ROOT)}")
    return len(found) + (code != 0 and not found)


def _last(pattern: str, text: str) -> str:
    found = re.findall(pattern, text)
    return found[-1] if found else ""


sys.exit(main())
