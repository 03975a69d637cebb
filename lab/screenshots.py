"""Takes the README's pictures: the dashboard of the deployed stack, filled with a made-up day.

    python -m lab.screenshots

Writes `docs/images/list.png` and `docs/images/detail.png`. Needs Chromium; the variable `CHROMIUM` names it.
"""

import gzip
import os
import shutil
import sys
import time

import msgspec
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lab import sample_day
from lab.cloud.local import Cloud, Deployment
from lab.demo import create_token, roll_up
from lab.paths import ROOT
from slo.traefik import snapshots

CLUSTER_ID = "production"
DOMAIN = "shop.example.com"
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 300_000
_PATIENCE_MILLISECONDS = 60_000
_PARAMETERS = {
    "Stage": "local",
    "Architecture": "x86_64",
    "DeletionProtection": "false",
    "PointInTimeRecovery": "false",
    "SlotSeconds": str(sample_day.STEP_SECONDS),
    "CutoffDelaySeconds": "2",
    "RollupSchedule": "rate(1 day)",
}
"""Slots are as long as on AWS. The schedule does not fire before the whole day is pushed."""


def main() -> int:
    """Command line."""
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if chromium is None:
        sys.stderr.write("Install Chromium, or name the binary: make screenshots CHROMIUM=google-chrome\n")
        return 1
    with Cloud() as cloud:
        deployment = cloud.deploy(**_PARAMETERS)
        _push_day(cloud, deployment)
        token = create_token(cloud, deployment, "manage", CLUSTER_ID)
        with sync_playwright() as playwright:
            expect.set_options(timeout=_PATIENCE_MILLISECONDS)
            browser = playwright.chromium.launch(executable_path=chromium)
            _shoot_list(browser, deployment, token)
            _shoot_detail(browser, deployment, token)
            browser.close()
    heavy = [image.name for image in IMAGES.glob("*.png") if image.stat().st_size > MOST_BYTES]
    if heavy:
        sys.stderr.write(f"Larger than {MOST_BYTES} bytes: {', '.join(heavy)}\n")
    return 1 if heavy else 0


def _push_day(cloud: Cloud, deployment: Deployment) -> None:
    token = create_token(cloud, deployment, "ingest", CLUSTER_ID)
    end = time.time() // sample_day.STEP_SECONDS * sample_day.STEP_SECONDS - 1
    for snapshot in sample_day.snapshots(CLUSTER_ID, end):
        pushed = requests.post(
            f"{deployment.api_url}/api/v2/clusters/{CLUSTER_ID}/snapshots",
            data=gzip.compress(snapshots.encode(msgspec.structs.replace(snapshot, sent_at=time.time()))),
            headers={"Authorization": f"Bearer {token}", "Content-Type": snapshots.CONTENT_TYPE},
            timeout=60,
        )
        pushed.raise_for_status()
    roll_up(cloud, deployment)


def _shoot_list(browser: Browser, deployment: Deployment, token: str) -> None:
    page = _page(browser, deployment, f"#/clusters/{CLUSTER_ID}", token, "light")
    page.get_by_role("button", name=f"Show the paths of {DOMAIN}").click()
    expect(page.locator(".cell-trend svg")).to_have_count(page.locator(".cell-trend").count() - 1)
    page.screenshot(path=IMAGES / "list.png", animations="disabled")


def _shoot_detail(browser: Browser, deployment: Deployment, token: str) -> None:
    route = f"#/clusters/{CLUSTER_ID}/domains/{DOMAIN}?path=%2Fcheckout"
    page = _page(browser, deployment, route, token, "dark")
    expect(page.get_by_test_id("status-history").get_by_role("listitem").first).to_be_attached()
    expect(page.get_by_test_id("burn-down").locator("canvas")).to_be_visible()
    page.screenshot(path=IMAGES / "detail.png", animations="disabled")


def _page(browser: Browser, deployment: Deployment, route: str, token: str, scheme: str) -> Page:
    """Open the dashboard, sign in and wait for the cluster's figures."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-US", timezone_id="UTC")
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{deployment.browser_url}/{route}")
    page.get_by_label("Token", exact=True).fill(token)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_test_id("freshness").locator("time")).to_be_visible()
    return page


if __name__ == "__main__":
    sys.exit(main())
