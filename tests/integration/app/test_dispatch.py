"""Which clusters are queued, which are silent, and how old the figures are."""

import boto3
import pytest
from integration.use_cases import T0, UseCases, process, row, snapshot

from slo.app.dispatch import Dispatch, Dispatched
from slo.store.queue import RollupQueue

DAY = 86_400


@pytest.fixture
def dispatch(moto_backend: UseCases) -> Dispatch:
    client = boto3.client("sqs", region_name=moto_backend.region)
    url = client.create_queue(QueueName="rollup")["QueueUrl"]
    return Dispatch(moto_backend.stores, RollupQueue(url, client))


def push(backend: UseCases, cluster_id: str, at: float) -> None:
    backend.push(snapshot(at, [process([row("r@kubernetescrd", 5)], at, at - 100)], cluster_id=cluster_id))


def test_a_cluster_that_pushes_is_queued_and_not_silent(moto_backend: UseCases, dispatch: Dispatch) -> None:
    push(moto_backend, "c1", T0)
    moto_backend.now = T0 + 60
    assert dispatch.run() == Dispatched(clusters=1, silent=0, lag_seconds=0.0)


def test_a_cluster_is_silent_after_five_minutes_and_for_a_week(moto_backend: UseCases, dispatch: Dispatch) -> None:
    push(moto_backend, "c1", T0)
    silent = {}
    for seconds in (299, 400, 6 * DAY, 8 * DAY):
        moto_backend.now = T0 + 1 + seconds
        silent[seconds] = dispatch.run().silent
    assert silent == {299: 0, 400: 1, 6 * DAY: 1, 8 * DAY: 0}


def test_the_lag_is_that_of_the_slowest_cluster_that_pushes(moto_backend: UseCases, dispatch: Dispatch) -> None:
    push(moto_backend, "c1", T0)
    booked = moto_backend.roll_up(T0 + 400)
    assert booked is not None
    push(moto_backend, "c1", T0 + 1000)
    moto_backend.now = T0 + 1060
    assert dispatch.run().lag_seconds == T0 + 1060 - booked.watermark


def test_a_silent_cluster_is_no_lag(moto_backend: UseCases, dispatch: Dispatch) -> None:
    push(moto_backend, "c1", T0)
    moto_backend.roll_up(T0 + 400)
    moto_backend.now = T0 + 9 * DAY
    assert dispatch.run().lag_seconds == 0
