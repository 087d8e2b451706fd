import csv
from collections import Counter
from pathlib import Path

import pytest

from beatheritage.dataset.split import (
    WANTED,
    Row,
    artist_keys,
    choose,
    is_validation,
    tuning_ids,
    validation_ids,
)

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    ("artist", "keys"),
    [
        ("xi", {"xi"}),
        ("--DashyDesu", {"dashydesu"}),
        ("TheFatRat", {"thefatrat"}),
        ("The Fat Rat", {"thefatrat"}),
        ("ＬｅａＦ", {"leaf"}),
        ("cosMo@暴走P feat.初音ミク", {"cosmo暴走p"}),
        ("Three feat. Hatsune Miku", {"three"}),
        ("Skrillex (ft. Sirah)", {"skrillex"}),
        ("Hanasaka Yui (CV: M.A.O)", {"hanasakayui", "mao"}),
        ("Suzukaze Aoba (CV. Yuki Takada)", {"suzukazeaoba", "yukitakada"}),
        ("--H888. (H5 + DashyDesu)", {"h888", "h5", "dashydesu"}),
        ("BlackY vs. Yooh", {"blacky", "yooh"}),
        ("--t+pazolite", {"tpazolite"}),
        ("XX:me", {"xxme"}),
        ("--「プロセカ」より", {"プロセカ"}),
    ],
)
def test_names_of_an_artist(artist: str, keys: set[str]):
    assert artist_keys(artist) == keys


@pytest.mark.parametrize("artist", ["", "--", "--feat.初音ミク", "Unknown Artist"])
def test_no_artist_is_no_name(artist: str):
    assert artist_keys(artist) == frozenset()
    assert not is_validation(artist)


def test_the_frozen_split():
    # Numbers were measured on it: it must not change unseen.
    assert Counter(song[:3] for song in validation_ids()) == {"osu": 33, "tja": 23}


def test_a_validation_artist_is_one_everywhere():
    assert is_validation("tokyo machine")
    assert is_validation("--Tokyo Machine feat. Someone")
    assert is_validation("Someone vs. Tokyo Machine")
    assert is_validation("", "osu_c78e7fa2b0")
    assert not is_validation("xi", "osu_2eb8c759ce")


def song(number: int, artist: str, title: str = "", group: str = "std") -> Row:
    return Row(
        artist=artist,
        title=title or f"Song {'abcdefghijkl'[number]}",
        song_id=f"osu_{number:010}",
        groups=frozenset({group}),
    )


def test_whoever_shares_a_name_is_on_one_side():
    names, ids = choose([song(1, "A & B", group="mania"), song(2, "B", group="mania")], [])
    assert names == ["a", "b"]
    assert ids == ["osu_0000000001", "osu_0000000002"]


def test_left_to_training():
    big = [song(number, "Big") for number in range(3)]
    nameless = [song(3, "--")]
    covered = [song(4, "One", "Hit (TV Size)"), song(5, "Other", "HIT")]
    charted = [song(6, "Mapped")]
    corpus = [Row(artist="mapped", title=f"T{'abcdefghijklmnopq'[n]}") for n in range(17)]
    assert choose([*big, *nameless, *covered, *charted], corpus) == ([], [])


def test_the_choice_does_not_hang_on_the_order():
    songs = [song(number, f"Artist {'abcdefghijkl'[number]}") for number in range(12)]
    assert choose(songs, []) == choose(songs[::-1], [])


@pytest.fixture(scope="module")
def manifest() -> list[dict[str, str]]:
    path = SHARED / "train" / "manifest.csv"
    if not path.exists():
        pytest.skip("../shared/data is not here")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_enough_songs_are_held_out(manifest: list[dict[str, str]]):
    held = [row for row in manifest if row["id"] in validation_ids()]
    modes = Counter(mode for row in held if row["kind"] == "osu" for mode in set(row["modes"]))
    assert sum(row["kind"] == "osu" for row in held) >= 30
    assert modes["0"] >= 20
    assert modes["3"] >= 8
    assert modes["1"] >= 4
    assert sum(row["kind"] == "tja" for row in held) >= 20
    assert sum(WANTED.values()) <= len(held) + 5  # some songs are of several modes


def test_songs_to_tune_on_are_of_the_training_side_and_of_every_kind(
    manifest: list[dict[str, str]],
):
    tuned = [row for row in manifest if row["id"] in tuning_ids()]
    assert len(tuned) == len(tuning_ids()) >= 20
    assert not any(is_validation(row["artist"], row["id"]) for row in tuned)
    assert {mode for row in tuned for mode in row["modes"]} >= {"0", "1", "3"}
    assert {row["kind"] for row in tuned} == {"osu", "tja"}


def test_no_name_stands_on_both_sides(manifest: list[dict[str, str]]):
    held, kept = set(), set()
    for row in manifest:
        (held if is_validation(row["artist"], row["id"]) else kept).update(
            artist_keys(row["artist"])
        )
    assert not held & kept
