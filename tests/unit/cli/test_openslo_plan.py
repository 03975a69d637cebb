"""What `objectives apply` changes, and that a second time it changes nothing."""

import random
from dataclasses import replace
from typing import Any

import msgspec
from unit.cli.promises import promise, random_set

from ingress_slo.openslo.plan import Plan, exported, plan
from ingress_slo.openslo.promise import Promise, Stored, marked
from slo.objectives.objective import Objective, Objectives, Origin
from slo.objectives.targets import Subject

type Kept = dict[tuple[Subject, str], Objective]


def kept(one: Promise, origin: Origin = "file", *, is_followed: bool = True, version: int = 1) -> Stored:
    return Stored(one, origin, version, is_followed)


def said(planned: Plan) -> list[str]:
    return [f"{step.action} {step.promise.name}: {', '.join(step.what)}" for step in planned.steps]


def test_a_new_objective_is_set_with_all_its_figures() -> None:
    planned = plan([promise(p95_latency=300.0, owner="shop")], [])
    assert said(planned) == ["set monthly: period 30d, availability 99.9%, p95 300ms, owner shop"]
    assert planned.steps[0].before is None


def test_only_what_differs_is_set() -> None:
    assert plan([promise()], [kept(promise())]) == Plan((), ())
    assert said(plan([promise(availability=0.9995)], [kept(promise())])) == [
        "set monthly: availability 99.9% -> 99.95%"
    ]
    told = plan([promise(channel="on-call")], [kept(promise())])
    assert said(told) == ["set monthly: channel - -> on-call"]
    zones = plan([promise(period="month", time_zone="Asia/Tokyo")], [kept(promise(period="month"))])
    assert said(zones) == ["set monthly: period month -> month (Asia/Tokyo)"]


def test_an_objective_of_the_page_becomes_the_files() -> None:
    assert said(plan([promise()], [kept(promise(), "page")])) == ["set monthly: origin page -> file"]


def test_an_annotation_holds_and_is_not_overwritten() -> None:
    planned = plan([promise(availability=0.5), promise(name="b")], [kept(promise(), "annotation")])
    assert said(planned) == ["set b: period 30d, availability 99.9%"]
    assert planned.notes == ("shop.example.com: the annotation in Kubernetes (monthly) holds before the file.",)


def test_only_what_came_from_a_file_is_pruned() -> None:
    others = [kept(promise(name=origin), origin, is_followed=False) for origin in ("page", "file", "annotation")]
    assert said(plan([], others, prune=True)) == ["delete file: "]
    left = plan([], others)
    assert left.steps == ()
    assert left.notes == (
        "shop.example.com file came from a file and is in none any more. With --prune it is deleted.",
    )


def test_the_mark_is_set_after_everything_else_of_its_subject() -> None:
    stored = [kept(promise(name="a", period="quarter")), kept(promise(name="gone"), is_followed=False)]
    wanted = [promise(name="a", period="month"), promise(name="b", period="7d", is_followed=True)]
    assert said(plan(wanted, stored, prune=True)) == [
        "set a: period quarter -> month",
        "delete gone: ",
        "set b: period 7d, availability 99.9%",
    ]


class Deployment:
    """Keeps objectives as the API does, marks and versions included."""

    def __init__(self) -> None:
        self.objectives: Kept = {}
        self.version = 0

    def listed(self) -> list[Stored]:
        every = Objectives(self.objectives.values())
        return [
            Stored(self._promise(each), each.origin, each.version, every.follows(each))
            for each in self.objectives.values()
        ]

    @staticmethod
    def _promise(each: Objective) -> Promise:
        body: dict[str, Any] = {
            name: getattr(each, name)
            for name in ("availability", "p95_latency", "latency_objective", "minimum_requests", "owner", "channel")
        }
        return promise(
            domain=each.subject.domain,
            path=each.subject.path_prefix,
            name=each.name,
            period=each.period.length,
            time_zone=each.period.time_zone,
            **body,
        )

    def put(self, one: Promise, origin: Origin = "file") -> None:
        self.version += 1
        if one.body.is_followed:
            for key, other in self.objectives.items():
                if other.subject == one.subject and other.is_followed and other.name != one.name:
                    self.objectives[key] = msgspec.structs.replace(other, is_followed=False, version=self.version)
        objective = one.objective(origin=origin, is_followed=one.body.is_followed)
        self.objectives[one.key] = msgspec.structs.replace(objective, version=self.version)

    def apply(self, planned: Plan) -> None:
        for step in planned.steps:
            before = self.objectives.get(step.promise.key)
            assert (before and before.version) == (step.before and step.before.version)
            if step.action == "delete":
                del self.objectives[step.promise.key]
            else:
                self.put(step.promise)


def test_after_it_is_applied_nothing_is_left_to_do_and_the_marks_hold() -> None:
    """Any objectives before, any files, with marks, annotations and --prune."""
    moved = 0
    for seed in range(2_000):
        chance = random.Random(seed)
        deployment = Deployment()
        for one in crowded(chance):
            deployment.put(one, chance.choice(("page", "file", "annotation")))
        wanted, prune = crowded(chance), chance.random() < 0.5
        deployment.apply(plan(wanted, deployment.listed(), prune=prune))
        again = plan(wanted, deployment.listed(), prune=prune)
        assert again.steps == (), seed
        annotated = {each.promise.subject for each in deployment.listed() if each.origin == "annotation"}
        for each in deployment.listed():
            found = next((one for one in wanted if one.key == each.promise.key), None)
            if found and found.body.is_followed and found.subject not in annotated:
                assert each.is_followed, seed
                moved += 1
    assert moved > 500


def crowded(chance: random.Random) -> tuple[Promise, ...]:
    """Promises of few subjects, so that they compete to be followed."""
    found: dict[Any, Promise] = {}
    marked_subjects = set()
    for one in random_set(chance, most=6):
        subject = Subject("shop.example.com", chance.choice(("", "/pay")))
        is_followed = one.body.is_followed and subject not in marked_subjects
        key = (subject, one.name)
        if key not in found:
            found[key] = marked(replace(one, subject=subject), is_followed)
            marked_subjects |= {subject} if is_followed else set()
    return tuple(found.values())


def test_an_export_that_is_applied_changes_only_the_origin() -> None:
    for seed in range(500):
        chance = random.Random(seed)
        deployment = Deployment()
        for one in crowded(chance):
            deployment.put(one, chance.choice(("page", "file")))
        before = {each.promise.key: each.is_followed for each in deployment.listed()}
        promises, notes = exported(deployment.listed())
        assert notes == ()
        deployment.apply(plan(promises, deployment.listed()))
        assert {each.promise.key: each.is_followed for each in deployment.listed()} == before
        assert {each.origin for each in deployment.listed()} <= {"file"}


def test_what_files_cannot_keep_is_left_out_and_named() -> None:
    old = promise(name="1d")
    old = replace(old, body=msgspec.structs.replace(old.body, period="1d"))
    promises, notes = exported([kept(promise(), "annotation"), kept(old, "page", is_followed=False)])
    assert promises == ()
    assert notes == (
        "shop.example.com monthly is left out: it is an annotation in Kubernetes.",
        "shop.example.com 1d is left out: 1d is no period of an objective any more.",
    )
