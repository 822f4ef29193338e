"""What is asked of a station: the cases, one file a block, and what they ask with: tester, states, checks, rules.

What a case may use is in docs/lab.md.
"""
