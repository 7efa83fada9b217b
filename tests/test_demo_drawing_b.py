"""The drawings of the airway, blood, growth, calcium and fever cases show what their data and case files state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from study.demo.drawing import breathing, charts, gel, neck, scintigram, subglottic_stenosis, waldenstrom


def test_forced_volume_of_a_constant_flow_is_flow_times_time() -> None:
    volume = np.linspace(0, 4, 401)
    assert breathing.forced_volume(volume, np.full(401, 2.5), 1) == pytest.approx(2.5)


def test_a_plateau_limits_both_limbs_to_within_its_ripple() -> None:
    volume = np.linspace(0, subglottic_stenosis.FVC, 500)
    out = breathing.plateau(breathing.expiration(volume, subglottic_stenosis.FVC, 6.7), 2.35, 1)
    back = breathing.plateau(breathing.inspiration(volume, subglottic_stenosis.FVC, 4.9), 2.27, 2)
    assert 2.2 < out.max() < 2.35 * 1.04
    assert -2.27 * 1.04 < back.min() < -2.1


def test_the_airway_is_narrowest_17_mm_below_the_cords_and_normal_beyond() -> None:
    assert neck.lumen(17) == pytest.approx((3, 3), abs=0.01)
    assert neck.lumen(36) == pytest.approx((8.5, 7.5), abs=0.01)


def test_each_fraction_of_the_strip_has_the_area_of_its_grams() -> None:
    density = gel.profile(waldenstrom.PATIENT, 4000)
    grams = float(density.sum()) / 4000 / np.sqrt(2 * np.pi)
    assert grams == pytest.approx(sum(f.grams for f in waldenstrom.PATIENT), rel=0.01)


def test_the_variant_read_is_the_middle_base_of_the_leucine_codon() -> None:
    reads = waldenstrom.READS
    index, base = reads.variant
    assert reads.reference[index - 1 : index + 2] == "CTG"
    assert base == "C"
    assert reads.first + index == 38_141_150


def test_temporal_halves_are_lost_in_each_eye_and_nasal_ones_kept() -> None:
    rng = np.random.default_rng(0)
    assert charts.sensitivity(9, -9, True, rng) < 10 < 25 < charts.sensitivity(-9, -9, True, rng)
    assert charts.sensitivity(-9, -9, False, rng) < 10 < 25 < charts.sensitivity(9, -9, False, rng)


def test_a_drawing_is_the_same_every_time_large_and_without_metadata(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        scintigram.sestamibi(tmp_path / name, 120, thyroid=0.1, focus=0.6, seed=62)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as image:
        assert max(image.size) >= 1600
        assert not image.info
