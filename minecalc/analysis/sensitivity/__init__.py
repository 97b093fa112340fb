"""What drives the choice, and what would turn it?"""
