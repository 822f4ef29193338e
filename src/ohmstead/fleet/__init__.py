"""Many whole stations at one CSMS: what a fleet file says, who charges there, what is counted and reported."""
