"""Nodes whose clocks are stepped, mended, drift and stand still, while Traefik is killed again and again."""

from collections import Counter

from integration.use_cases import DELAY, SLOT, UseCases
from soak.fleet import MINUTE, Fleet, Weather
from soak.survived import START, Survived, pushed, rolled_up

from lab.cloud.dynamodb_local import REGION, DynamoDBLocal

_WEATHER = Weather(steps=0.3, restarts=0.3, longest_late_seconds=1800)


def odd_clocks(engine: DynamoDBLocal, fleets: int = 4, minutes: int = 60) -> Survived:
    """Each fleet has two agents; pushes are late, lost and sent twice, too."""
    disturbed = Counter[str]()
    found = Survived("clocks stepped, mended, drifting and standing still")
    backend = UseCases(engine.client(), REGION, engine.endpoint_url)
    for number in range(fleets):
        fleet = Fleet(f"clocks-{number}", 60 + number, start=START, minutes=minutes, pods=2, weather=_WEATHER)
        disturbed += fleet.disturbed
        due = START + DELAY
        for arrival in fleet.arrivals:
            found.failed += not pushed(backend, arrival.sent(arrival.at), arrival.at)
            while due <= arrival.at:
                found.failed += not rolled_up(backend, fleet.cluster_id, due)
                due += SLOT
        for at in (due, due + SLOT):
            rolled_up(backend, fleet.cluster_id, at + SLOT)
        found.compare(fleet.truth, backend.codes(fleet.cluster_id))
    happened = ", ".join(f"{kind} {count}" for kind, count in sorted(disturbed.items()))
    found.recovery = f"at the next push of each process, after {fleets * minutes * MINUTE / 3600:.0f} h ({happened})"
    return found
