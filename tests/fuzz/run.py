"""Fuzz the laws with atheris (libFuzzer, guided by coverage).

    python -m fuzz.run [--minutes N] [LAW ...]

The laws share the time, and two run at once. Inputs that reach new code are kept in `.cache/fuzz` for the next run. An
input that breaks a law is written to `build/fuzz/LAW`, and the exit code is 1: add that input to `tests/corpus/LAW`.
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from lab.paths import ROOT

CORPUS = ROOT / "tests" / "corpus"
KEPT = ROOT / ".cache" / "fuzz"
BROKEN = ROOT / "build" / "fuzz"
_AT_ONCE = 2
_MAX_BYTES = 20_000
_HANGS_AFTER_SECONDS = 30
_MEMORY_MEBIBYTES = 1024
_DEFAULT_MINUTES = 8.0


def fuzz(law: str, arguments: list[str]) -> None:
    """Fuzz one law in this process. The fuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["slo", "ingress_slo_agent"]):
        from fuzz.laws import LAWS
    atheris.Setup([sys.argv[0], *arguments], LAWS[law])
    atheris.Fuzz()


def _run(law: str, seconds: int) -> int:
    from fuzz.words import EXAMPLES, WORDS

    kept, broken = KEPT / law, BROKEN / law
    for folder in (kept, broken):
        folder.mkdir(parents=True, exist_ok=True)
    (kept / "example").write_bytes(EXAMPLES[law])
    dictionary = KEPT / f"{law}.dict"
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS[law]))
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={_MAX_BYTES}",
        f"-timeout={_HANGS_AFTER_SECONDS}",
        f"-rss_limit_mb={_MEMORY_MEBIBYTES}",
        f"-dict={dictionary}",
        f"-artifact_prefix={broken}/",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    folders = [str(folder) for folder in (kept, CORPUS / law) if folder.is_dir()]
    command = [sys.executable, "-m", "fuzz.run", "--one", law, *options, *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    runs = [line.rpartition(":")[2].strip() for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    sys.stdout.write(
        f"{law:16} {seconds} s, {runs[0] if runs else '?'} inputs: {'BROKEN' if done.returncode else 'holds'}\n"
    )
    if done.returncode:
        sys.stdout.write(done.stdout[-4000:] + done.stderr[-4000:])
    sys.stdout.flush()
    return done.returncode


def _escaped(word: bytes) -> str:
    """Escape a word for a dictionary of libFuzzer: printable ASCII stays, the rest becomes hexadecimal."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in word)


def main(arguments: list[str]) -> int:
    """Command line."""
    if arguments[:1] == ["--one"]:
        fuzz(arguments[1], arguments[2:])
    from fuzz.words import EXAMPLES

    parser = argparse.ArgumentParser(prog="fuzz.run", description="Fuzzes the parsers.")
    parser.add_argument("--minutes", type=float, default=_DEFAULT_MINUTES, help="in all (%(default)s)")
    parser.add_argument("law", nargs="*", help=f"some of {', '.join(EXAMPLES)}; all if none is given")
    options = parser.parse_args(arguments)
    laws = options.law or list(EXAMPLES)
    seconds = max(1, round(options.minutes * 60 * _AT_ONCE / len(laws)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        codes = list(pool.map(lambda law: _run(law, seconds), laws))
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
