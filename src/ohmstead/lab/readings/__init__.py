"""Where specification and official case part: one file a block, one constant a reading."""
