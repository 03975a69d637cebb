"""Every place that has the version, the image or the publisher's address has the same."""

from pathlib import Path

import pytest

from lab import release
from lab.paths import ROOT
from lab.release import ReleaseError, archive_url, check, image, links, notes, places, repository, version


@pytest.mark.parametrize(("path", "text"), list(places()), ids=lambda each: str(each).strip())
def test_every_place_names_the_released_version_and_image(path: str, text: str) -> None:
    assert text in (ROOT / path).read_text()


def test_the_image_names_who_publishes_it() -> None:
    assert image() == f"ghcr.io/{repository()}-agent"
    assert archive_url().startswith(f"https://github.com/{repository()}/releases/download/v{version()}/")


def test_another_tag_and_another_publisher_are_refused_with_what_to_change() -> None:
    with pytest.raises(ReleaseError, match=r"the tag is v9.9.9, but agent/chart/Chart.yaml has the version"):
        check("v9.9.9")
    with pytest.raises(
        ReleaseError, match=r"set image.repository in agent/chart/values.yaml to ghcr.io/someone/fork-agent"
    ):
        check(publisher="Someone/Fork")
    check(publisher=repository().title())


@pytest.fixture
def changelog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(release, "ROOT", tmp_path)
    file = tmp_path / "CHANGELOG.md"
    file.write_text("# Changelog\n\n## Unreleased\n\n## 1.10.0 - 2026-12-01\n\nTen.\n\n## 1.1.0 - 2026-11-01\n\nOne.\n")
    return file


def test_the_notes_are_the_section_of_the_version(changelog: Path) -> None:
    assert notes("1.1.0") == "One.\n"
    assert notes("1.10.0") == "Ten.\n"
    for missing in ("1.1", "2.0.0"):
        with pytest.raises(ReleaseError, match=f"{changelog.name} has no section"):
            notes(missing)


def test_a_launch_link_opens_the_template_of_its_region() -> None:
    found = links("https://b-{region}.s3.{region}.amazonaws.com/1.0.0/template.yaml", ["eu-west-1", "us-east-1"])
    assert found.splitlines()[0] == (
        "- [eu-west-1](https://console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/quickcreate?"
        "templateURL=https%3A%2F%2Fb-eu-west-1.s3.eu-west-1.amazonaws.com%2F1.0.0%2Ftemplate.yaml&stackName=ingress-slo)"
    )
    assert len(found.splitlines()) == 2
