"""What do the plans earn? One scenario in full, many in a league table."""
