import numpy as np
import pytest
from tests.evaluate.likeness.maps import beatmap, circle, columns, slider

from beatheritage.evaluate.likeness.columns import read_columns
from beatheritage.evaluate.likeness.windows import HOP, WINDOW, tell_windows, told_objects
from beatheritage.osu.beatmap import HitSound
from beatheritage.osu.mode import Mode


def told(*objects, mode: Mode = Mode.STD, keys: int = 4) -> dict[str, np.ndarray]:
    flags, amounts = told_objects(columns(*objects, mode=mode, keys=keys))
    return {**flags, **amounts}


def row(*objects, mode: Mode = Mode.STD) -> dict[str, float]:
    """What the first window says."""
    found = tell_windows(columns(*objects, mode=mode))
    return dict(zip(found.names, found.table[0].tolist(), strict=True))


def test_a_map_without_timing_or_objects_has_no_columns():
    assert read_columns(beatmap(circle(0))) is None


def test_rounding_is_not_heard():
    even = columns(circle(0), circle(1), circle(2))
    rough = columns(circle(0.002), circle(0.999), circle(2.002))
    assert np.array_equal(even.times, rough.times)
    assert rough.bar_phases.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("count", "windows"), [(WINDOW - 1, 0), (WINDOW, 1), (WINDOW + HOP, 2), (WINDOW + HOP - 1, 1)]
)
def test_windows_are_whole(count: int, windows: int):
    found = tell_windows(columns(*(circle(beat) for beat in range(count))))
    assert found.table.shape == (windows, len(found.names))


def test_gaps():
    found = told(circle(0), circle(1), circle(2), circle(2.5))
    assert found["gaps: ms"][1:].tolist() == [400, 400, 200]
    assert found["gaps: octaves"][2:] == pytest.approx([0, 1])
    assert found["gaps: as before"][2:].tolist() == [1, 0]
    assert found["gaps: twice or half"][2:].tolist() == [0, 1]
    assert found["gaps: on a beat"].tolist() == [1, 1, 1, 0]
    assert found["gaps: on a downbeat"].tolist() == [1, 0, 0, 0]


def test_a_chord_is_one_onset():
    chord = (circle(0, 64), circle(0, 192), circle(1, 64))
    found = told(*chord, mode=Mode.MANIA)
    assert np.isnan(found["gaps: on a beat"][1])
    assert found["gaps: ms"][2] == 400
    assert found["lanes: chord size"][[0, 2]].tolist() == [2, 1]
    assert found["lanes: ms since the same"].tolist() == [4000, 4000, 400]


def test_spacing_runs_from_end_to_head():
    found = told(circle(0, 100), slider(1, 150), circle(3, 290), circle(4, 150))
    assert found["spacing: px"][1:].tolist() == pytest.approx([50, 0, 140])
    assert found["spacing: stacked"][1:].tolist() == [0, 1, 0]
    assert found["spacing: at an earlier place"].tolist() == [0, 0, 0, 1]


def test_turns():
    found = told(circle(0, 0), circle(1, 100), circle(2, 200), circle(3, 100), circle(4, 100, 200))
    assert found["turns: degrees"][2:].tolist() == pytest.approx([0, 180, 90])
    assert found["turns: straight on"][2:].tolist() == [1, 0, 0]
    assert found["turns: back"][2:].tolist() == [0, 1, 0]


def test_sliders():
    found = told(circle(0, 0), slider(1, 100), slider(4, 200, slides=2))
    assert found["sliders: repeat"][1:].tolist() == [0, 1]
    assert found["sliders: px"][1:].tolist() == [140, 140]
    assert found["sliders: reach"][1] == pytest.approx(1)
    assert found["sliders: px a beat"][1:].tolist() == pytest.approx([140, 140])
    assert found["sliders: turn into"][1] == pytest.approx(0)
    assert np.isnan(found["sliders: reach"][2])


def test_shapes_are_of_std_alone():
    found = told(circle(0, 0), slider(1, 100), slider(4, 300))
    assert found["sliders: points"][1:].tolist() == [1, 1]
    assert found["sliders: straight"][1:].tolist() == [1, 1]
    assert "sliders: points" not in told(circle(0), slider(1), mode=Mode.CATCH)


def test_height_is_nothing_in_catch():
    found = told(circle(0, 100, 0), circle(1, 140, 300), circle(2, 100, 50), mode=Mode.CATCH)
    assert found["spacing: px"][1:].tolist() == [40, 40]
    assert found["spacing: at an earlier place"].tolist() == [0, 0, 1]


def test_combos_and_sounds():
    clap = {"sound": HitSound.CLAP}
    found = told(circle(0, new_combo=True), circle(1, **clap), circle(4, new_combo=True), circle(5))
    assert found["combos: objects"][[0, 2]].tolist() == [2, 2]
    assert found["combos: new on a downbeat"][[0, 2]].tolist() == [1, 1]
    assert found["hitsounds: clap on the backbeat"][[1, 3]].tolist() == [1, 0]


def test_colours_of_taiko():
    kat = {"sound": HitSound.CLAP}
    found = told(circle(0), circle(1), circle(2, **kat), circle(3), mode=Mode.TAIKO)
    assert found["colours: kat"].tolist() == [0, 0, 1, 0]
    assert found["colours: run"][[0, 2, 3]].tolist() == [2, 1, 1]


def test_a_window_is_told_by_shares_and_quantiles():
    found = row(*(circle(beat, new_combo=beat % 4 == 0) for beat in range(64)))
    assert found["combos: new"] == 0.25
    assert found["gaps: ms, mean"] == found["gaps: ms, 90%"] == 400
    assert np.isnan(found["sliders: px, mean"])


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_is_told(mode: Mode):
    found = tell_windows(columns(*(circle(beat / 2, 8 * beat) for beat in range(64)), mode=mode))
    assert np.isfinite(found.table).any()
    assert len(set(found.names)) == len(found.names)
