"""What may the plans be worth, how likely is each, and how well is that known?"""
