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


def objective() -> NotFoundError:
    """No objective with this name is set for this subject."""
    return NotFoundError("No such objective is set; GET /api/v2/slo/objectives lists all of them.")


def exclusion() -> NotFoundError:
    """No exclusion has this id."""
    return NotFoundError("There is no such exclusion; GET /api/v2/slo/exclusions lists all of them.")


def incident(incident_id: str) -> NotFoundError:
    """An incident that the cluster never had, or had too long ago."""
    return NotFoundError(f"The cluster has no incident {incident_id!r}; GET /api/v2/slo/incidents lists them.")


def channel(name: str) -> NotFoundError:
    """A channel that nobody has set."""
    return NotFoundError(f"There is no channel {name!r}; GET /api/v2/slo/channels lists them.")


def mute(mute_id: str) -> NotFoundError:
    """A mute that is over, or never was."""
    return NotFoundError(f"There is no mute {mute_id!r}, or it is over; GET /api/v2/slo/mutes lists them.")


def dashboard() -> NotFoundError:
    """The page of a stack that was deployed without it."""
    return NotFoundError("This stack was deployed without its dashboard: run `make build`, then deploy it again.")


def file() -> NotFoundError:
    """A file of the page, for example one that an update replaced."""
    return NotFoundError("There is no such file. Reload the page; it may have been updated.")


def path() -> NotFoundError:
    """A path that is no operation, or has no operation of this method."""
    return NotFoundError("There is no such path or method; GET /api/v2/docs lists all.")
