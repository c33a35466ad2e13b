"""Draw: one's own handwriting read live, measured and learnt, and what that costs."""
