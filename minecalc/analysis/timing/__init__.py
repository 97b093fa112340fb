"""What is waiting worth: convert now, at the best fixed date, or by a rule on what is then known?"""
