"""The fingerprint of a file read in pieces of any size: its hash, and the hash of each part that is itself a file."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from cpo.lib.files.fingerprints import MOST_PARTS, fingerprint

PIECE = st.sampled_from([b"%PDF-1.7\n", b"un", b"%", b"%%", b"%%EO", b"%%EOF", b"\r", b"\n", b"\r\n", b" ", b"suite"])


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def expected(data: bytes) -> set[str]:
    hashes, at = set(), data.find(b"%%EOF")
    while at != -1:
        end = at + 5
        hashes |= {
            sha(data[: end + len(finish)]) for finish in (b"", b"\r", b"\n", b"\r\n") if data.startswith(finish, end)
        }
        at = data.find(b"%%EOF", end)
    return hashes - {sha(data)}


@given(st.lists(PIECE, max_size=30))
def test_however_it_is_cut_a_file_has_the_same_fingerprint(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    for cut in (pieces, [data], [data[at : at + 1] for at in range(len(data))]):
        result = fingerprint(cut)
        assert (result.sha256, result.size) == (sha(data), len(data))
        assert set(result.parts) == expected(data)


def test_a_file_made_of_end_marks_costs_no_more() -> None:
    assert len(fingerprint([b"%%EOF\n" * 10_000]).parts) == MOST_PARTS
