"""The fleet file that `ohmstead fleet init` writes: every key, with what it is when it is left out."""

TEXT = """\
# A fleet of charging stations, for `ohmstead fleet run`. Every key may be left out; what stands here is its default,
# but for `count` and the second group. Durations are seconds, or text with ms, s, m or h.

duration = "10m"   # from the first station to the last charge
ramp = "30s"       # the stations start one after the other over this time
drain = "30s"      # time for the last messages at the end, once every EV has gone
seed = 1           # of arrivals, stays, cars and outages; ids of messages and transactions are fresh in every run
shards = 0         # processes; 0: one for each processor, and for each 250 stations

[csms]
url = "embedded"   # our own CSMS, which knows every station and card; or a ws:// or wss:// URL without the identity
# security_profile = 1             # 1: password, no TLS. 2: password over TLS. 0: neither. By default the URL decides
# root = "root.pem"                # PEM root certificates that the stations trust (wss://)
# password_file = "passwords.txt"  # one password for all, or a line IDENTITY:PASSWORD for each station

[[group]]
product = "flagship"          # a shipped product (ohmstead product list), or the path of a product file
count = 20
identity = "CS-{number:04}"   # {number} counts from `first`
first = 1
cards = ["04{number:06X}"]    # with {number}: a card of its own at each EVSE; or the cards that your CSMS knows
arrivals_per_hour = 4         # EVs that come to each EVSE while it is free
stay = ["5m", "40m"]          # shortest and longest
evs = []                      # models; none: the usual one
card_stops = 0.5              # share of the drivers who present their card again before they unplug
outages_per_hour = 0          # how often a station loses its network,
outage = ["10s", "2m"]        # and for how long
power_cuts_per_hour = 0       # how often a station loses its power,
power_cut = ["5s", "30s"]     # and for how long

[[group]]
product = "ac-wallbox"
count = 10
identity = "WB-{number:04}"
arrivals_per_hour = 2
stay = ["10m", "60m"]

[limits]             # what the report is held to; the exit code is 1 when one of them is missed
lost_events = 0      # TransactionEvents that were neither acknowledged nor wait
not_accepted = 0     # stations that the CSMS has not accepted at the end
# waiting_events = 0 # TransactionEvents that still wait at the end
# reconnects = 0
# csms_errors = 0    # CALLERRORs of the CSMS
# unanswered = 0     # calls of stations without any answer
# p99 = "2s"         # the CSMS answers 99 % of the calls of each action within
# slowest = "30s"    # and the slowest one
"""
