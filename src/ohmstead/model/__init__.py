"""What is true: facts, sessions, tokens, availability, variables. Plain: no asyncio, no clock, no I/O."""
