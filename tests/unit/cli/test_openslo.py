"""Objectives as OpenSLO documents, and back."""

import random
import re
from collections import Counter

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from unit.cli.openslo_documents import MEASURE, SLO, WINDOW, annotated, latency_slo
from unit.cli.openslo_rules import SCHEMA
from unit.cli.promises import DOMAINS, promise, random_set

from ingress_slo.openslo.documents import DocumentError
from ingress_slo.openslo.naming import file_of, unique
from ingress_slo.openslo.reading import read
from ingress_slo.openslo.writing import write
from lab.docs import DOCS, block
from slo.objectives.targets import CLUSTER, EVERYTHING, LatencyObjective, Subject

SETS = 10_000


def test_what_is_written_is_read_again() -> None:
    for seed in range(SETS):
        promises = random_set(random.Random(seed), most=2)
        assert read(write(promises)) == promises


@given(st.text(max_size=200), st.integers(0, 1_000_000), st.floats(0.5, 0.99999))
def test_settings_are_kept_exactly(owner: str, minimum_requests: int, availability: float) -> None:
    one = promise(owner=owner, minimum_requests=minimum_requests, availability=availability)
    assert read(write([one])) == (one,)


def test_documents_are_valid_and_their_names_unique() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for seed in range(40):
        documents = [
            document
            for text in write(random_set(random.Random(seed), most=12)).values()
            for document in yaml.safe_load_all(text)
        ]
        for document in documents:
            validator.validate(document)
        names = Counter((document["kind"], document["metadata"]["name"]) for document in documents)
        assert set(names.values()) == {1}
        services = {document["metadata"]["name"] for document in documents if document["kind"] == "Service"}
        assert {document["spec"]["service"] for document in documents if document["kind"] == "SLO"} == services


def test_the_same_promises_give_the_same_files() -> None:
    promises = random_set(random.Random(1), most=12)
    assert write(promises) == write(promises[::-1])
    subjects = [EVERYTHING, *(Subject(domain, path) for domain in DOMAINS for path in ("", "/pay"))]
    assert len({file_of(subject) for subject in subjects}) == len(DOMAINS) + 1
    assert file_of(Subject("shop.example.com", "/pay")) == "shop.example.com.yaml"
    assert [file_of(CLUSTER), file_of(EVERYTHING)] == ["_cluster.yaml", "_all-clusters.yaml"]
    assert file_of(Subject("*.example.com")) == "example.com-47287a8f.yaml"


def test_what_is_for_all_clusters_says_so_and_is_for_nothing_else() -> None:
    every = promise(cluster_id="*", p95_latency=300.0)
    (text,) = write([every]).values()
    assert "cluster: '*'" in text
    assert read({"a.yaml": text}) == read({"a.yaml": text}, cluster_id="*") == (every,)
    with pytest.raises(DocumentError, match=r"a\.yaml:\d+: This is for the cluster \*, not for c1\."):
        read({"a.yaml": text}, cluster_id="c1")
    (of_cluster,), (of_domain,) = write([promise(domain="")]).values(), write([promise()]).values()
    both = re.sub(r"^( *)cluster: '\*'$", r"\g<0>\n\1domain: a.example.com", text, flags=re.MULTILINE)
    for other in (of_cluster, of_domain, both):
        with pytest.raises(DocumentError, match=r"a\.yaml:\d+: What is for all clusters has `cluster: '\*'`, and no"):
            read({"a.yaml": other}, cluster_id="*")


def test_no_file_controls_a_terminal_or_turns_a_reviewers_text() -> None:
    evil = promise(domain="b\u00fccher.example", owner="\x1b[2J\u202e\x9b\x85\u2028ok")
    (text,) = write([evil]).values()
    assert all(map(str.isprintable, text.split("\n")))
    assert read({"a.yaml": text}) == (evil,)
    (text,) = write([promise(domain="b\u00fccher.example")]).values()
    assert "domain: b\u00fccher.example" in text


def test_a_name_has_a_hash_only_where_it_needs_one() -> None:
    keys = [("shop.example.com", "monthly"), ("a.b", "c"), ("a", "b-c"), ("x" * 60, "y" * 10), ("ü", "")]
    names = unique(keys)
    assert names[keys[0]] == "shop-example-com-monthly"
    assert len(set(names.values())) == len(keys)
    assert max(map(len, names.values())) <= 63


def test_a_document_by_hand_is_an_objective() -> None:
    (one,) = read({"a.yaml": SLO})
    assert one == promise(period="month", time_zone="Europe/Berlin")
    assert one.place == "a.yaml:1"
    (rolling,) = read({"a.yaml": SLO.replace(WINDOW, "  - {duration: 4w, isRolling: true}\n")})
    assert rolling == promise(period="28d")


WRONG = [
    ("service: shop", "servce: shop", 6, "`servce` is unknown here"),
    ("  service: shop\n", "", 6, "`service` is missing here"),
    ("name: monthly", "name: Monthly", 4, "A name has up to 63 of a-z"),
    ("name: monthly", "name: 7", 4, "Expected a text"),
    ("openslo/v1", "openslo/v1alpha", 1, "Documents of openslo/v1alpha are not read: write `apiVersion: openslo/v1`"),
    ("openslo/v1", "openslo.com/v2alpha", 1, "Documents of openslo.com/v2alpha are not read"),
    ("openslo/v1", "v1", 1, "`apiVersion: openslo/v1` is missing"),
    ("kind: SLO", "kind: DataSource", 2, "The kind DataSource cannot be mapped"),
    ("kind: SLO", "kind: Objective", 2, "Expected a kind of SLO, Service"),
    ("Occurrences", "Timeslices", 22, "`Timeslices` cannot be mapped: budgets count requests"),
    ("type: ingress-slo", "type: Prometheus", 13, "The metric source 'Prometheus' cannot be mapped"),
    (
        "type: ingress-slo",
        "metricSourceRef: x\n            type: ingress-slo",
        13,
        "`metricSourceRef` cannot be mapped",
    ),
    (MEASURE, "measure: errors}", 14, "Expected availability or p95 or latency, not 'errors'"),
    (MEASURE, "measure: latency}", 12, "`threshold_ms` belongs to"),
    (MEASURE, "measure: p95, threshold_ms: 300}", 24, "A P95 has the target 0.95"),
    (MEASURE, "path_prefix: pay, measure: availability}", 14, "path_prefix"),
    (MEASURE, "cluster: other, measure: availability}", 14, "This is for the cluster other, not for c1"),
    ("domain: shop.example.com, measure: r", "domain: x.example.com, measure: r", 16, "different domains"),
    ("ratioMetric", "thresholdMetric", 10, "`thresholdMetric` cannot be mapped"),
    ("duration: 1M", "duration: 2M", 20, "A period of the calendar is 1w or 1M or 1Q or 3M, not 2M."),
    ("duration: 1M", "duration: 1M\n    isRolling: true", 20, "either `isRolling: true`, or has a `calendar`"),
    (WINDOW, "  - {duration: 90d, isRolling: true}\n", 20, "A rolling period is 7d or 1w or 28d"),
    (WINDOW, "  - {duration: 30d}\n  - {duration: 7d}\n", 20, "one period"),
    ("2024-01-01", "2024-01-02", 21, "No month begins at 2024-01-02"),
    ("2024-01-01 00", "2024-01-01 12", 21, "No month begins"),
    ("00:00:00", "00:00", 21, "Expected a time such as"),
    ("Europe/Berlin", "Europe/Atlantis", 21, "Europe/Atlantis is no time zone"),
    ("targetPercent: 99.9", "targetPercent: 100", 24, "more than none and less than all"),
    ("targetPercent: 99.9", "targetPercent: 40", 1, "availability: Expected `float` >= 0.5"),
    ("targetPercent: 99.9", "target: .nan", 24, "Expected a decimal number"),
    ("targetPercent: 99.9", "target: '0.9'", 24, "Expected a number"),
    ("targetPercent: 99.9", "displayName: x", 24, "either `target`"),
    ("targetPercent: 99.9", "{target: 0.9, op: lte, value: 1}", 24, "`op` cannot be mapped"),
    ("targetPercent: 99.9", "{target: 0.9, indicatorRef: x}", 24, "is composite"),
    ("targetPercent: 99.9", "{target: 0.9, timeSliceTarget: 0.9}", 24, "not slices of time"),
    ("targetPercent: 99.9", "target: 0.9\n  - target: 0.99", 24, "a second figure is an SLO of its own"),
    ("targetPercent: 99.9", "target: 0.9\n  objectives: []", 25, "`objectives` is here twice"),
    ("targetPercent: 99.9", "target: [", 25, "This is no YAML"),
]


@pytest.mark.parametrize(("part", "instead", "line", "said"), WRONG, ids=[f"{wrong[1]!r:.40}" for wrong in WRONG])
def test_what_cannot_be_mapped_is_an_error_with_its_line(part: str, instead: str, line: int, said: str) -> None:
    assert part in SLO
    with pytest.raises(DocumentError) as caught:
        read({"b.yaml": SLO.replace(part, instead, 1)}, cluster_id="c1")
    message = str(caught.value)
    assert message.startswith(f"b.yaml:{line}: ")
    assert said in message


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        ("ingress-slo.io/ovner: shop", "The annotation ingress-slo.io/ovner is unknown"),
        ("ingress-slo.io/minimum-requests: 5", "Expected a text"),
        ("ingress-slo.io/minimum-requests: many", "Expected a whole number"),
        ("ingress-slo.io/minimum-requests: '9000000'", "minimum_requests: Expected `int` <= 1000000"),
        ("ingress-slo.io/followed: 'yes'", "Expected true or false"),
        ("ingress-slo.io/channel: On-Call", "channel: Expected `str` matching regex"),
        ("ingress-slo.io/objective: A_B", "'A_B' is no name of an objective"),
    ],
)
def test_a_wrong_annotation_is_an_error(annotations: str, said: str) -> None:
    with pytest.raises(DocumentError, match=r"b\.yaml:5: ") as caught:
        read({"b.yaml": annotated(annotations)})
    assert said in str(caught.value)


def test_annotations_of_others_are_theirs() -> None:
    (one,) = read({"a.yaml": annotated("example.com/team: x, ingress-slo.io/owner: shop")})
    assert one == promise(period="month", time_zone="Europe/Berlin", owner="shop")


def test_the_example_of_the_documentation_is_read() -> None:
    text = block(DOCS / "objectives-in-git.md", "an SLO").text
    (one,) = read({"shop.yaml": text})
    assert one == promise(period="month", time_zone="Europe/Berlin", owner="shop")


def test_slos_of_one_objective_are_joined() -> None:
    (one,) = read({"a.yaml": SLO, "b.yaml": latency_slo()})
    assert one.body.latency_objective == LatencyObjective(0.999, 300.0)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"b.yaml": latency_slo()}, "b.yaml:1: The objective monthly has no availability"),
        ({"a.yaml": SLO, "b.yaml": SLO}, "b.yaml:1: The availability of the objective monthly is in a.yaml:1 already"),
        (
            {"a.yaml": SLO, "b.yaml": latency_slo().replace("1M", "1Q")},
            "b.yaml:1: The time window is another than in a.yaml:1",
        ),
        (
            {
                "a.yaml": SLO,
                "b.yaml": latency_slo(annotations="ingress-slo.io/objective: monthly, ingress-slo.io/owner: x"),
            },
            "b.yaml:5: This belongs to the SLO for the availability, in a.yaml:1",
        ),
        (
            {
                "a.yaml": annotated("ingress-slo.io/followed: 'true'"),
                "b.yaml": annotated("ingress-slo.io/followed: 'true'").replace("name: monthly", "name: other"),
            },
            "b.yaml:1: One objective of a subject is followed: monthly in a.yaml:1 is",
        ),
        ({"a.yaml": SLO.replace("1M", "5M"), "b.yaml": "a: ["}, "a.yaml:20: A period"),
        ({"a.yaml": SLO.replace("1M", "5M"), "b.yaml": "a: ["}, "\nb.yaml:2: This is no YAML"),
        ({"a.yaml": "a: 1"}, "a.yaml:1: This is no OpenSLO document"),
        ({"a.yaml": "apiVersion: [a]"}, "a.yaml:1: This is no OpenSLO document"),
        ({"a.yaml": "- a"}, "a.yaml:1: Expected fields"),
    ],
)
def test_files_that_do_not_fit_together_are_named(files: dict[str, str], said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(files)
    assert said in str(caught.value)


def test_a_file_may_be_a_list_of_documents() -> None:
    """As OpenSLO's Go SDK writes them."""
    both = [*yaml.safe_load_all(SLO), *yaml.safe_load_all(latency_slo())]
    assert read({"a.yaml": yaml.safe_dump(both)}) == read({"a.yaml": SLO, "b.yaml": latency_slo()})
    wrong = yaml.safe_dump(both).replace("1M", "5M")
    with pytest.raises(DocumentError) as caught:
        read({"a.yaml": wrong})
    lines = [number for number, line in enumerate(wrong.splitlines(), 1) if "5M" in line]
    assert [f"a.yaml:{number}" for number in lines] == re.findall(r"a\.yaml:\d+", str(caught.value))


def test_empty_documents_are_left_out() -> None:
    assert read({"a.yaml": "---\n---\n# nothing\n"}) == ()


def test_a_time_zone_without_a_city_cannot_be_written() -> None:
    with pytest.raises(DocumentError, match=r"monthly of shop\.example\.com is in the time zone Japan"):
        write([promise(period="month", time_zone="Japan")])
