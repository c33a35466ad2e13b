"""Viewers: a full room looks less often."""

from core.inside.viewers import AT_FULL_PACE, Viewers


def test_the_pace_follows_how_many_look_at_a_time() -> None:
    now = [0.0]
    viewers = Viewers(lambda: now[0])
    assert viewers.pace() == 1
    for number in range(30):
        viewers.note(f"viewer {number % 30}")
        viewers.note(f"viewer {number % 30}")
        assert viewers.pace() == 1 + number // AT_FULL_PACE
    now[0] = 9.0
    viewers.note("viewer 0")
    now[0] = 10.5
    assert viewers.pace() == 1, "all others have gone"
