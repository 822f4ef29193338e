"""The cases, one file a block; what a case may use is in docs/lab.md."""
