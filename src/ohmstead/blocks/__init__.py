"""What the specification says to do: one file a functional block, or a part of one. `ls` is the table of contents.

A handler `on_<action>(request)` decides and does not wait; `when_<event>(event)` hears what the model says; both are
declared (`hooks.py`). `rearm_` sets timers.

Blocks never import blocks: what one needs of another it reads from the facts.
"""
