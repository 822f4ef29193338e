"""What is kept of a case: the tape of all that crossed the border of its rig, and its verdict once more, from that."""
