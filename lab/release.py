"""What a release is made of: one version everywhere, its notes, and an archive that deploys without building.

python -m lab.release check [TAG]        compare every place that has the version, the image or the address
python -m lab.release notes VERSION      print the changelog's section of a version
python -m lab.release build FOLDER       write the archive, from this tree and what `make build` built, and the wheel
python -m lab.release links URL REGION.. print links that open the packaged template in CloudFormation's console
"""

import argparse
import gzip
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import yaml

from lab.bytecode import LAYER
from lab.paths import ROOT

_BUILD = Path(".aws-sam/build")
_LEFT_OUT = ("tests/", "bench/")
_EPOCH_SECONDS = 315_532_800
"""1980-01-01: every file of the archive has this time, so that two builds of one commit are equal."""


class ReleaseError(Exception):
    """The tree cannot be released. The message says what to change."""


def version() -> str:
    """The version of the chart, with which every other place must agree."""
    return str(yaml.safe_load((ROOT / "agent/chart/Chart.yaml").read_text())["version"])


def image() -> str:
    """The released image, without a tag: the chart's default. The one place that names the publisher."""
    return str(yaml.safe_load((ROOT / "agent/chart/values.yaml").read_text())["image"]["repository"])


def repository() -> str:
    """OWNER/NAME of the repository that publishes the image `ghcr.io/OWNER/NAME-agent`."""
    return image().partition("/")[2].removesuffix("-agent")


def places() -> Iterator[tuple[str, str]]:
    """Every file that names the version, the image or the publisher, with a text that it must contain."""
    number, name = version(), image()
    yield "agent/chart/Chart.yaml", f"appVersion: {number}\n"
    yield "pyproject.toml", f'version = "{number}"\n'
    yield "layers/slo/slo/__init__.py", f'__version__ = "{number}"\n'
    yield "agent/ingress_slo_agent/__init__.py", f'__version__ = "{number}"\n'
    yield "agent/docker-bake.hcl", f'["{name}:{number}"]'
    yield "agent/manifests/base/cron-job.yaml", f"image: {name}:{number}\n"
    yield "agent/manifests/example/kustomization.yaml", f"name: {name}\n"
    yield "agent/outside-kubernetes/compose.yaml", f"image: {name}:{number}\n"
    yield "agent/chart/README.md", f"`{name}`"
    yield "docs/build-the-image.md", f"cosign verify {name}:{number} "
    yield (
        "docs/build-the-image.md",
        f"https://github.com/{repository()}/.github/workflows/release.yml@refs/tags/v{number}",
    )
    yield "docs/quick-start.md", f"export RELEASE={archive_url()}"
    yield "docs/quick-start.md", f"cd {archive_name()}\n"


def archive_name() -> str:
    """The folder in the archive, and the archive's name without its ending."""
    return f"ingress-slo-{version()}"


def archive_url() -> str:
    """Where a release has its archive."""
    return f"https://github.com/{repository()}/releases/download/v{version()}/{archive_name()}.tar.gz"


def check(tag: str = "", publisher: str = "") -> None:
    """Compare all places, and the tag and OWNER/NAME if given. Raises ReleaseError with everything that differs."""
    differ = [f"{path} does not contain {text.strip()!r}" for path, text in places() if text not in _text(path)]
    if tag and tag != f"v{version()}":
        differ.append(f"the tag is {tag}, but agent/chart/Chart.yaml has the version {version()}")
    if publisher and publisher.lower() != repository():
        differ.append(
            f"{publisher} cannot publish {image()}: set image.repository in agent/chart/values.yaml to "
            f"ghcr.io/{publisher.lower()}-agent"
        )
    if tag and not differ:
        notes(version())
    if differ:
        raise ReleaseError("\n".join(differ))


def notes(number: str) -> str:
    """The changelog's section of a version. Raises ReleaseError if there is none."""
    found = re.search(rf"^## \[?{re.escape(number)}[] \n].*?^(.*?)(?=^## |\Z)", _text("CHANGELOG.md"), re.M | re.S)
    if not found or not found[1].strip():
        raise ReleaseError(f"CHANGELOG.md has no section {number}: rename `## Unreleased` to `## {number} - DATE`")
    return found[1].strip() + "\n"


def archive(folder: Path) -> Path:
    """Write the archive: the files that git tracks, without tests, and the built stack. Raises ReleaseError."""
    if not (ROOT / _BUILD / "template.yaml").is_file():
        raise ReleaseError("Nothing is built: run `make build` first")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{archive_name()}.tar.gz"
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted([*_tracked(), *_built()]):
            tar.add(ROOT / path, f"{archive_name()}/{path}", recursive=False, filter=_anonymous)
    return target


def wheel(packed: Path) -> None:
    """Build the command's wheel beside an archive, from what is in it. Nothing is written into this tree."""
    with tempfile.TemporaryDirectory(prefix="ingress-slo-release-") as folder:
        with tarfile.open(packed) as tar:
            tar.extractall(folder, filter="data")
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(packed.parent.resolve())]
        done = subprocess.run(command, cwd=Path(folder) / archive_name(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"the wheel cannot be built:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _tracked() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listed.split("\0"):
        if name and not name.startswith(_LEFT_OUT) and (ROOT / name).is_file():
            yield Path(name)


def _built() -> Iterator[Path]:
    for path in (ROOT / _BUILD).rglob("*"):
        is_source = "__pycache__" not in path.parts or path.is_relative_to(ROOT / _BUILD / LAYER)
        if path.is_file() and is_source:
            yield path.relative_to(ROOT)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = _EPOCH_SECONDS
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return member


def links(url: str, regions: list[str]) -> str:
    """A Markdown list of links that open a template in the console. `{region}` in the address is the region."""
    lines = []
    for region in regions:
        asked = urlencode({"templateURL": url.replace("{region}", region), "stackName": "ingress-slo"})
        address = f"https://console.aws.amazon.com/cloudformation/home?region={region}#/stacks/quickcreate?{asked}"
        lines.append(f"- [{region}]({address})\n")
    return "".join(lines)


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m lab.release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check").add_argument("tag", nargs="?", default="")
    commands.add_parser("notes").add_argument("version")
    commands.add_parser("build").add_argument("folder", type=Path)
    link = commands.add_parser("links")
    link.add_argument("url")
    link.add_argument("regions", nargs="+")
    options = parser.parse_args(arguments)
    try:
        match options.command:
            case "check":
                check(options.tag, os.environ.get("GITHUB_REPOSITORY", "") if options.tag else "")
            case "notes":
                sys.stdout.write(notes(options.version))
            case "build":
                wheel(archive(options.folder))
            case _:
                sys.stdout.write(links(options.url, options.regions))
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
