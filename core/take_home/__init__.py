"""What a run leaves as files that need nothing of ours: programs, weights, curves, settings, events."""
