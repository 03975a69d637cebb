import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_DASHBOARD = "tests/e2e/dashboard/"
_FIRST = (_DASHBOARD, "tests/e2e/test_rehearsal.py", "tests/e2e/test_live.py")


class _FileByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Runs a file's tests in one process, and all tests of the dashboard in one, because they share clusters.

    Tests that need a local cloud (`e2e`) start first, the longest of them before the others; quick tests fill the gap
    at the end. Each process has a cloud of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _DASHBOARD if nodeid.startswith(_DASHBOARD) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    config.option.loadscopereorder = False
    return _FileByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests open no sockets. All other tests may connect to this machine only (127.0.0.1, ::1)."""
    items.sort(key=lambda item: [not item.nodeid.startswith(start) for start in _FIRST])
    for item in items:
        marker = "disable_socket" if "tests/unit/" in item.nodeid else "allow_hosts"
        item.add_marker(
            getattr(pytest.mark, marker)(*([["127.0.0.1", "::1", "localhost"]] if marker == "allow_hosts" else []))
        )


@pytest.fixture(scope="session", autouse=True)
def _no_aws_account() -> Iterator[None]:
    """No test can reach the AWS account of the person who runs it."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        environment.setenv("AWS_ACCESS_KEY_ID", "local")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "local")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield
