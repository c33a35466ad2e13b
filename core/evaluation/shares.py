"""How far a share that was counted on few can be from the true one."""

from math import sqrt

# The standard normal distribution has 95 % of itself within this of its middle.
Z_95 = 1.959964


def wilson_interval(right: int, count: int, z: float = Z_95) -> tuple[float, float]:
    """Return the bounds of a share of which `right` of `count` were seen; all there is for a count of 0.

    With p = right / count: (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n). Unlike p ± z √(p(1 − p)/n)
    it holds for few, and for none or all of them (Wilson 1927, J. Am. Stat. Assoc. 22, 209–212).
    """
    if count <= 0:
        return 0.0, 1.0
    share, square = right / count, z * z / count
    middle = share + square / 2
    half = z * sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))
