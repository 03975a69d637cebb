import string

import msgspec
import pytest
from unit.slo.notifications.orders import (
    HOSTILE,
    LANGUAGES,
    T0,
    URL,
    everything,
    hostile,
    incident,
    notice,
    order,
    week,
)

from slo.incidents.incident import Subject
from slo.notifications.message import Message, as_text, message_of
from slo.notifications.settings import Language
from slo.notifications.wording import Wording, budget, name, percent, share, times_spent
from slo.notifications.words import WORDS
from slo.times import DAY_SECONDS


def english(told: object) -> Message:
    return message_of(order(told), URL)  # type: ignore[arg-type]


def facts(message: Message) -> dict[str, str]:
    return {fact.label: fact.value for fact in message.facts}


def places(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_texts_with_the_same_values(language: Language) -> None:
    assert {key: places(text) for key, text in WORDS[language].items()} == {
        key: places(text) for key, text in WORDS["en"].items()
    }
    assert all(text.strip() for key, text in WORDS[language].items() if key != "after")


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_nothing_but_names_and_figures_is_left_in_english(language: Language) -> None:
    same = {key for key, text in WORDS[language].items() if text == WORDS["en"][key]}
    assert same == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_every_kind_is_told_in_every_language(language: Language) -> None:
    seen = set()
    for told in everything():
        message = message_of(order(told, language=language), URL)
        text = f"{message.title}\n{as_text(message)}"
        assert "{" not in text
        assert message.link in text
        assert message.language == language
        seen.add((message.title, message.sentence))
    assert len(seen) == len(everything()), "no two of them say the same"


def test_a_message_says_what_happened_since_when_and_how_many_exactly() -> None:
    message = english(notice())
    assert message.title == "Page: Outage: shop.example.com"
    assert message.sentence == "6,789 of 12,345 requests failed (55.0 %)."
    assert facts(message) == {
        "Cluster": "production",
        "What": "shop.example.com",
        "Since": "2027-01-15 07:55 UTC",
        "Requests": "12,345",
        "Failed": "6,789 (55.0 %)",
        "Target": "99.95 % in 30 days",
        "Error budget left": "43.2 %",
    }
    assert message.link == "https://slo.example.com/#/clusters/production/incidents/20270115T080000-0a1b2c"


def test_it_names_the_worst_routes_and_what_changed() -> None:
    routes, changes = english(notice(failing_routes=300)).sections
    assert routes.title == "The worst of 300 failing routes"
    assert routes.lines == ("/cart: 6,000 of 10,000 (60.0 %)", "/pay: 789 of 2,345 (33.6 %)")
    assert changes.title == "Changed in the hour before"
    assert changes.lines == ("/cart: cart-v1 → cart-v2", "new: /pay (pay)", "gone: /old (old)")


def test_all_routes_are_not_called_the_worst() -> None:
    assert english(notice()).sections[0].title == "Failing routes (2)"


def test_the_only_failing_path_is_in_the_title() -> None:
    assert english(notice(path_prefix="/cart")).title == "Page: Outage: shop.example.com/cart"


@pytest.mark.parametrize(
    ("what", "title", "sentence"),
    [
        ("escalated", "Now a page: Outage", "It is a page now. 6,789 of"),
        ("acknowledged", "Acknowledged: Outage", "on-call acknowledged it. 6,789 of"),
        ("resolved", "Resolved: Outage", "It is over; it lasted 5 min. 6,789 of"),
        ("reminder", "Still open: Outage", "It is still open after 5 min. 6,789 of"),
    ],
)
def test_each_step_has_its_words(what: object, title: str, sentence: str) -> None:
    message = english(notice(what))  # type: ignore[arg-type]
    assert message.title.startswith(title)
    assert message.sentence.startswith(sentence)


def test_silence_is_of_a_cluster_a_pod_or_a_domain() -> None:
    said = [
        english(notice("opened", "silent", subject=subject)).sentence
        for subject in (Subject(), Subject(pod="traefik/traefik-7f"), Subject(domain="shop.example.com"))
    ]
    assert "agent of production" in said[0]
    assert "traefik/traefik-7f" in said[1]
    assert "shop.example.com" in said[2]


def test_a_certificate_says_when_it_expires_and_for_whom() -> None:
    message = english(notice("opened", "certificate"))
    assert message.sentence == "The certificate *.example.com expires at 2027-01-22 08:00 UTC, in 7 d."
    assert message.sections[-1].lines == ("shop.example.com", "www.example.com")
    late = english(notice("opened", "certificate", expires_at=T0 - DAY_SECONDS))
    assert late.sentence == "The certificate *.example.com expired at 2027-01-14 08:00 UTC."


def test_an_end_does_not_say_that_it_goes_on() -> None:
    assert english(notice("resolved", "silent")).sentence == "It is over; it lasted 5 min."
    assert english(notice("resolved", "certificate")).sentence == "It is over; it lasted 5 min."


def test_a_week_has_budgets_paths_incidents_and_changes() -> None:
    message = english(week())
    assert message.sentence == "From 2027-01-08 to 2027-01-15: incidents opened: 2, resolved: 1."
    assert [(section.title, section.lines) for section in message.sections] == [
        (
            "Error budgets",
            (
                "shop.example.com: spent 1.2 times what is allowed; 1,234 of 1,000,000 failed",
                "idle.example.com: no traffic",
            ),
        ),
        ("Worst paths", ("shop.example.com/cart: 1,000 of 50,000 (2.0 %)",)),
        (
            "Incidents",
            (
                "Ticket: Error budget burns: a.example, open since 2027-01-15 06:00 UTC",
                "Page: Silence: production, 2027-01-14 08:00 UTC, 1 h 30 min",
            ),
        ),
        ("Routes that changed", ("new: a.example/new (new)",)),
    ]


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    many = week(domains=week().domains[:1] * 50)
    assert english(many).sections[0].lines[-1] == "and 40 more"
    assert len(english(many).sections[0].lines) == 11


def test_no_name_is_more_than_a_printable_line() -> None:
    for told in hostile():
        message = english(told)
        lines = [message.title, message.sentence, *(fact.value for fact in message.facts)]
        lines += [line for section in message.sections for line in section.lines]
        assert all(line.isprintable() for line in lines)
        assert "{0} %s" in "".join(lines), "and no text is a format"
        assert max(map(len, lines)) < 1200


def test_a_link_has_no_character_of_a_name_that_a_url_or_a_markup_knows() -> None:
    message = english(notice(cluster_id=HOSTILE, incident_id="a/b?c#d e"))
    place = message.link.removeprefix(f"{URL}#/clusters/")
    assert not set(place) & set("<>|\"' \n?#")
    assert place.endswith("/incidents/a%2Fb%3Fc%23d%20e")


def test_messages_of_one_incident_belong_together_and_differ() -> None:
    first, second = english(notice(number=1)), english(notice("resolved", number=2))
    assert first.incident_id == second.incident_id
    assert first.id != second.id


@pytest.mark.parametrize(
    ("errors", "requests", "said"),
    [(0, 5, "0 %"), (5, 5, "100 %"), (9_999, 10_000, "99.9 %"), (1, 100_000, "0.1 %"), (1, 3, "33.3 %"), (0, 0, "0 %")],
)
def test_not_all_is_never_100_percent_and_something_never_0(errors: int, requests: int, said: str) -> None:
    assert share(errors, requests) == said


def test_ratios_have_the_decimals_that_they_need() -> None:
    assert [percent(ratio) for ratio in (0.9995, 0.5, 1.0, -0.2, -0.0000001)] == [
        "99.95 %",
        "50 %",
        "100 %",
        "-20 %",
        "0 %",
    ]
    assert [budget(ratio) for ratio in (0.43219, -0.0001, -1.5)] == ["43.2 %", "0.0 %", "-150.0 %"]
    assert [times_spent(ratio) for ratio in (0.4, 0, -0.0001, -0.2, -44.25)] == [None, None, None, "1.2", "45.25"]


def test_an_overspent_budget_says_how_many_times_it_was_spent() -> None:
    found = facts(english(notice(budget_remaining=-44.3)))
    assert found["Error budget left"] == "none: 45.3 times what is allowed"


def test_a_duration_has_its_two_largest_units() -> None:
    words = Wording("en")
    said = [words.duration(seconds) for seconds in (0, 61, 3600, 5400, 2 * DAY_SECONDS + 300, 90_000)]
    assert said == ["1 min", "1 min", "1 h", "1 h 30 min", "2 d", "1 d 1 h"]


def test_a_long_name_is_cut() -> None:
    assert len(name("x" * 1000)) == 200


def test_an_order_survives_the_queue() -> None:
    from slo.notifications.delivery import decode, encode

    for told in everything():
        assert decode(encode(order(told))) == order(told)
    with pytest.raises(msgspec.MsgspecError):
        decode('{"cluster_id":"events"}')


def test_the_incident_is_in_the_message_as_data() -> None:
    assert english(notice()).incident == incident()
