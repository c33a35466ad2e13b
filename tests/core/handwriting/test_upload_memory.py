"""What pictures cost in memory that are small as files and large when decoded."""

import subprocess
import sys

import pytest

from tests.support.serve import ROOT

# White PNGs of 25 million pixels in three kinds, one made and read after another: `VmHWM` is reset between.
PROGRAM = """
from pathlib import Path
from core.errors import PictureError
from core.handwriting.upload import read_upload
from core.memory import return_what_is_freed
from tests.support.hostile_pictures import SIDE, png_of
from tests.support.picture_samples import file_of, ink_of, picture_of, seven

def megabytes(name):
    return int(Path("/proc/self/status").read_text().split(name + ":")[1].split()[0]) / 1000

return_what_is_freed()
read_upload(file_of(picture_of(ink_of(seven))), "ordinary.png")
for depth, colour_type, bytes_a_pixel in ((16, 6, 8), (8, 2, 3), (8, 0, 1)):
    data = png_of(SIDE, SIDE, depth, colour_type, b"\\xff" * bytes_a_pixel * SIDE)
    before = megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    try:
        read_upload(data, "white.png")
    except PictureError as error:
        assert "No digit was found" in str(error), error
    print(megabytes("VmHWM") - before, megabytes("VmRSS") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak of its memory")
def test_25_million_white_pixels_take_some_megabytes_for_a_moment_and_leave_none():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = [[float(word) for word in line.split()] for line in done.stdout.splitlines()]
    assert len(lines) == 3
    for peak, kept in lines:
        assert peak < 40  # decoded whole it is 100 to 400
        assert kept < 10
