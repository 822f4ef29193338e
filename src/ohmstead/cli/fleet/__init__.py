"""`ohmstead fleet`: many stations at one CSMS."""
