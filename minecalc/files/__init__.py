"""Files as minecalc reads and writes them: regular ones only, and whole or not at all."""
