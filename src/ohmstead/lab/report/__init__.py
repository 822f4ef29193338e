"""What is told of a campaign: the report, as page, paper, JSON and JUnit, read back and compared."""
