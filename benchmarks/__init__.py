"""`python -m benchmarks`: how fast and how small the station is, beside a named peer, in one run on this machine."""
