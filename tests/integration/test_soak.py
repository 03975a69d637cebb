"""A small soak test (`make soak` runs the large one): the counts are the truth despite all faults."""

from soak.fleet import Weather
from soak.soak import soak

from lab.cloud.dynamodb_local import DynamoDBLocal

SHORT = Weather(longest_late_seconds=1500, late=0.1, restarts=0.05, twice=0.2)


def test_nothing_is_lost_or_doubled_in_a_storm(dynamodb_local: DynamoDBLocal) -> None:
    figures = soak(dynamodb_local, pushes=120, seed=6, share=0.02, weather=SHORT)
    assert figures.differences == []
    assert figures.counted == figures.truth > 0
    assert figures.pushes >= 120
    assert figures.attempts > figures.pushes, "some pushes were tried again"
    assert figures.duplicates
    assert figures.late
    assert figures.rollups > figures.rollups_killed > 0
    assert figures.faults.total()
