"""The figures add up, and the page shows them."""

import re
from pathlib import Path

import pytest
from tests.dataset.test_shards import ROW, shards_of

from beatheritage.dataset.rows import SongRow
from beatheritage.dataset.stats import gather, page


@pytest.fixture
def figures(tmp_path: Path) -> dict:
    alone = SongRow(id="2", name="b", charts=ROW.charts[:1])
    return gather(shards_of(tmp_path, [ROW, alone]))


def test_counts_by_side_kind_and_mode(figures: dict):
    side = figures["sides"]["validation"]
    assert (side["songs"], side["without_audio"], side["groups"]) == (1, 0, 1)
    assert side["charts"] == {"mania": 1, "std": 1}
    assert figures["sides"]["training"]["without_audio"] == 1
    assert figures["kinds"] == {"osu": 1, "": 1}
    assert figures["licences"] == {"MIT": 1, "none stated": 1}
    assert figures["modes"]["mania"]["charts"] == 2


def test_distributions_hold_every_chart(figures: dict):
    mania = figures["modes"]["mania"]["distributions"]
    assert {"stars at 1x", "stars at 1.5x", "keys", "density", "offset to the sound, ms"} <= {
        *mania
    }
    assert "slider share" not in mania
    assert sum(mania["stars at 1x"]["counts"]) == 2
    assert mania["stars at 1x"]["counts"][2] == 2
    assert mania["keys"]["counts"][6] == 2
    assert mania["density"]["median"] == 0.5


def test_the_page_shows_them(figures: dict):
    text = page({**figures, "licences": {"<b>mine</b>": 3}})
    assert text.count("<svg") == sum(len(one["distributions"]) for one in figures["modes"].values())
    assert "&lt;b&gt;mine" in text
    bars = re.findall(r'height="90.0" fill="[^"]+"><title>([^<]+)', text)
    assert "2 to 3: 2" in bars
