"""What training costs and whether it is exact: `python -m benchmarks training` measures it all.

Ours and the other way are measured in turn, in fresh processes, so that the machine's moods
meet both alike. Modules with a `run` are benchmarks; the others serve them.
"""
