"""What if several inputs vary together?"""
