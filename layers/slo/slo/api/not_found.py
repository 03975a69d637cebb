"""What is not there, in words: every 404 of the API."""

from slo.errors import NotFoundError


def cluster(cluster_id: str) -> NotFoundError:
    """A cluster that has never pushed."""
    return NotFoundError(f"Cluster {cluster_id!r} has not sent a snapshot yet. Install its agent first.")


def domain(name: str) -> NotFoundError:
    """A domain that the cluster has never declared."""
    return NotFoundError(f"The cluster has no domain {name!r}; GET /api/v2/slo/domains lists them.")


def route(domain: str, path_prefix: str) -> NotFoundError:
    """A path that the domain has never had."""
    return NotFoundError(f"The domain {domain!r} has no route {path_prefix!r}.")


def target() -> NotFoundError:
    """A target that nobody has set."""
    return NotFoundError("No such target is set; GET /api/v2/slo/targets lists all targets.")


def dashboard() -> NotFoundError:
    """The page of a stack that was deployed without it."""
    return NotFoundError("This stack was deployed without its dashboard: run `make build`, then deploy it again.")


def file() -> NotFoundError:
    """A file of the page, for example one that an update replaced."""
    return NotFoundError("There is no such file. Reload the page; it may have been updated.")


def path() -> NotFoundError:
    """A path that is no operation, or has no operation of this method."""
    return NotFoundError("There is no such path or method; GET /api/v2/docs lists all.")
