"""The header of a manifest file says what to send and how to start."""

import pytest

from lab.trial.header import Header, Request, TrialError, header_of


def test_a_file_without_a_header_leaves_everything_open() -> None:
    assert header_of("# try it\nkind: Service\n") == Header()
    assert Header().requests is None


def test_requests_go_to_the_entry_point_of_their_scheme() -> None:
    read = header_of(
        '# try: {"requests": [[2, "a.example", "/x", {"tls": true, "headers": {"X-N": 1}}], [1, "b.example"]]}'
    )
    assert read.requests == (
        Request(2, "a.example", "/x", tls=True, headers={"X-N": "1"}, entry_point="websecure"),
        Request(1, "b.example", "/"),
    )


def test_every_other_key_has_a_place_and_unknown_ones_are_ignored() -> None:
    read = header_of(
        '# try: {"args": ["--a=1"], "env": {"INGRESS_CLASS": "x"}, "profile": "lab", "labels": false, "settle": 3, '
        '"absentnone": true, "gwport": true, "showreq": true}'
    )
    assert read == Header(
        None, ("--a=1",), {"INGRESS_CLASS": "x"}, "lab", False, 3.0, every_group=True, gateway_port=True
    )


@pytest.mark.parametrize("text", ["# try: [1]", "# try: {nope", '# try: {"requests": [["a"]]}', "# try: {}\n# try: {}"])
def test_a_header_that_cannot_be_read_is_explained(text: str) -> None:
    with pytest.raises(TrialError, match="# try:"):
        header_of(text)
