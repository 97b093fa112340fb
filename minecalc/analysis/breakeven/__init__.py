"""Where do two plans draw level, or does one reach a target?"""
